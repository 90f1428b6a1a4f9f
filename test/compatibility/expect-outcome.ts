// Holds what came of a case against what it expects.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { SlipwayError } from '../../src/errors.ts';
import type { Files } from '../support/oci-image.ts';
import type { Outcome } from './outcome.ts';
import { type Refusal, refusalOf } from './refusals.ts';
import type { Expected, Probe } from './row.ts';

/** @throws AssertionError where the case does not come out as it says. */
export async function expectOutcome(outcome: Outcome, probe: Probe, refusal?: Refusal): Promise<void> {
  const said = `\n${outcome.stdout}${outcome.stderr}`;
  if (probe.refused) {
    assert.ok(outcome.error instanceof SlipwayError, `it is not refused:${said}`);
    assert.equal(refusalOf(probe, outcome.error), refusal);
  } else if (probe.fails !== undefined) {
    assert.ok(outcome.error instanceof SlipwayError, `it does not fail, or as a bug:${said}`);
    expectText(outcome.stderr, probe.fails);
  } else {
    assert.is(outcome.code, probe.code ?? 0, `it ends with ${outcome.code}:${said}`);
  }
  if (probe.stdout !== undefined) expectText(outcome.stdout.toString(), probe.stdout);
  if (probe.stderr !== undefined) expectText(outcome.stderr, probe.stderr);
  if (probe.config) expectPart((await outcome.image()).config, probe.config, 'the config');
  if (probe.tree) {
    const { files } = await outcome.image();
    for (const [path, expected] of Object.entries(probe.tree)) expectEntry(files, path, expected);
  }
  for (const [path, expected] of Object.entries(probe.wrote ?? {})) {
    expectText(readFileSync(join(outcome.folder, path), 'utf8'), expected);
  }
  await probe.see?.(outcome);
}

function expectText(text: string, expected: string | RegExp): void {
  if (typeof expected === 'string')
    assert.ok(text.includes(expected), `no ${JSON.stringify(expected)} in:\n${text}`);
  else assert.match(text, expected);
}

/** Maps may hold more than is expected, unless they are expected to be empty; all else is equal. */
function expectPart(actual: unknown, expected: unknown, where: string): void {
  if (isMap(expected) && isMap(actual) && Object.keys(expected).length > 0) {
    for (const [key, value] of Object.entries(expected)) expectPart(actual[key], value, `${where}.${key}`);
  } else {
    assert.equal(
      actual ?? undefined,
      expected ?? undefined,
      `${where} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`,
    );
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function expectEntry(files: Files, path: string, expected: Expected): void {
  const entry = files.get(path);
  if (expected === false) {
    assert.is(entry, undefined, `${path} is there`);
    return;
  }
  assert.ok(entry, `there is no ${path}; there are ${[...files.keys()].join(' ')}`);
  const { content, mtime, ...rest } = typeof expected === 'string' ? { content: expected } : expected;
  if (content !== undefined) assert.is(entry.content.toString(), content, path);
  if (mtime !== undefined) assert.is(entry.mtime.getTime() / 1000, mtime, `time of ${path}`);
  for (const [key, value] of Object.entries(rest)) {
    assert.is(entry[key as keyof typeof rest], value, `${key} of ${path}`);
  }
}
