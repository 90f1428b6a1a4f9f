// When to try again and after how long: exponential back-off with jitter, within a budget, following Retry-After.
import { setTimeout as delay } from 'node:timers/promises';
import type { RegistrySettings } from '../registry-settings.ts';

/** Times are milliseconds. */
export interface RetryPolicy {
  /** Attempts in all, the first included. */
  tries: number;
  /** The first wait; it doubles from then on. */
  delay: number;
  /** What all waits together may take. */
  budget: number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** In [0, 1). */
  random(): number;
  /** Since 1970. */
  now(): number;
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch {
    signal.throwIfAborted();
  }
}

export const defaultRetryPolicy: RetryPolicy = {
  tries: 5,
  delay: 500,
  budget: 120_000,
  sleep,
  random: Math.random,
  now: Date.now,
};

/** What settings say of it: who asks for more attempts has the time for them. */
export function retriesOf({ retries, retryDelay }: RegistrySettings): Partial<RetryPolicy> {
  if (retries === undefined && retryDelay === undefined) return {};
  const tries = 1 + (retries ?? defaultRetryPolicy.tries - 1);
  const delay = retryDelay ?? defaultRetryPolicy.delay;
  return { tries, delay, budget: Math.max(defaultRetryPolicy.budget, delay * 2 ** tries) };
}

export interface Retries {
  /** How long to wait before the next attempt, at least `atLeast`; undefined: give up. */
  next(atLeast?: number): number | undefined;
}

/** Counts the attempts of one request. */
export function createRetries(policy: RetryPolicy): Retries {
  let failed = 0;
  let spent = 0;
  return {
    next(atLeast = 0) {
      failed += 1;
      if (failed >= policy.tries) return undefined;
      const backOff = policy.delay * 2 ** (failed - 1) * (0.5 + policy.random() / 2);
      // Many that were told the same time should not come at once.
      const wait = Math.max(backOff, atLeast * (1 + policy.random() / 10));
      if (spent + wait > policy.budget) return undefined;
      spent += wait;
      return wait;
    },
  };
}

/** Milliseconds that a Retry-After header asks for: seconds or an HTTP date (RFC 9110, 10.2.3); undefined for neither. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Statuses that another attempt may mend. */
export function isRetryableStatus(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505);
}
