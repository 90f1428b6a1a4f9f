// Go durations: 1h30m, 1.5s, 500ms.
import { SlipwayError } from '../errors.ts';

const units: Record<string, number> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};
const whole = /^[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+)$/;
const piece = /(\d+(?:\.\d*)?|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/g;

/**
 * A duration in nanoseconds.
 * @throws ERR_SYNTAX where the text is no duration or is longer than 290 years.
 */
export function parseDuration(text: string): number {
  const refuse = (why: string) =>
    new SlipwayError('ERR_SYNTAX', `${why} duration "${text}"`, {
      hint: 'write a number with its unit: 30s, 1m30s, 500ms',
    });
  if (!whole.test(text)) throw refuse(/^[+-]?[\d.]+$/.test(text) ? 'missing unit in' : 'invalid');
  let sum = 0;
  for (const [, number, unit] of text.matchAll(piece)) {
    const [integer, fraction = ''] = number!.split('.');
    const scale = units[unit!]!;
    sum += Number(integer) * scale + Math.trunc(Number(`0.${fraction || '0'}`) * scale);
  }
  if (sum >= 2 ** 63) throw refuse('too long a');
  return text[0] === '-' ? -sum : sum;
}

/** Nanoseconds as Go writes them: `1m30s`, `1.5ms`, `0s`. */
export function formatDuration(nanoseconds: number): string {
  if (nanoseconds < 0) return `-${formatDuration(-nanoseconds)}`;
  if (nanoseconds === 0) return '0s';
  const small = (['ns', 'µs', 'ms'] as const).findLast((unit) => nanoseconds >= units[unit]!)!;
  if (nanoseconds < 1e9) return decimal(BigInt(nanoseconds), BigInt(units[small]!)) + small;
  const total = BigInt(nanoseconds);
  const [hours, minutes] = [total / 3_600_000_000_000n, (total / 60_000_000_000n) % 60n];
  const larger = hours > 0n ? `${hours}h${minutes}m` : minutes > 0n ? `${minutes}m` : '';
  return `${larger}${decimal(total % 60_000_000_000n, 1_000_000_000n)}s`;
}

function decimal(value: bigint, scale: bigint): string {
  const digits = String(scale).length - 1;
  const fraction = String(value % scale)
    .padStart(digits, '0')
    .slice(0, digits)
    .replace(/0+$/, '');
  return fraction === '' ? String(value / scale) : `${value / scale}.${fraction}`;
}
