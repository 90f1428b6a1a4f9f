// The errors that refused cases end with, word for word: refusals.json, which `npm run docs:update` writes.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SlipwayError } from '../../src/errors.ts';
import type { Probe, Row } from './row.ts';

export interface Refusal {
  message: string;
  /** Left out where it is not held. */
  hint?: string;
}

export const refusalsPath = resolve(import.meta.dirname, 'refusals.json');

/** By the row's name, one for each of its refused cases, in their order. */
export type Refusals = Record<string, Refusal[]>;

export function readRefusals(): Refusals {
  return JSON.parse(readFileSync(refusalsPath, 'utf8'));
}

/** What is held of a refusal. */
export function refusalOf(probe: Probe, error: SlipwayError): Refusal {
  const { message, hint } = error;
  return probe.refused === 'message' || hint === undefined ? { message } : { message, hint };
}

export function refusedProbes(row: Row): Probe[] {
  return 'probes' in row ? row.probes.filter((probe) => probe.refused) : [];
}
