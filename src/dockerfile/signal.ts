// Signals of STOPSIGNAL by name (with or without SIG, in any case) or number.
import { SlipwayError } from '../errors.ts';
import { nearest } from '../nearest.ts';

// Linux on amd64 and arm64; an image's config keeps the text, so the numbers are for checking and stopping only.
const names: Record<string, number> = {
  ABRT: 6,
  ALRM: 14,
  BUS: 7,
  CHLD: 17,
  CLD: 17,
  CONT: 18,
  FPE: 8,
  HUP: 1,
  ILL: 4,
  INT: 2,
  IO: 29,
  IOT: 6,
  KILL: 9,
  PIPE: 13,
  POLL: 29,
  PROF: 27,
  PWR: 30,
  QUIT: 3,
  SEGV: 11,
  STKFLT: 16,
  STOP: 19,
  SYS: 31,
  TERM: 15,
  TRAP: 5,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  USR1: 10,
  USR2: 12,
  VTALRM: 26,
  WINCH: 28,
  XCPU: 24,
  XFSZ: 25,
};
const first = 34;
const last = 64;

/**
 * The number of a signal. Any number but 0 goes.
 * @throws ERR_SYNTAX where the text is no signal.
 */
export function parseSignal(text: string): number {
  const number = /^[+-]?\d{1,9}$/.test(text) ? Number(text) : 0;
  if (number !== 0) return number;
  const name = text.toUpperCase().replace(/^SIG/, '');
  if (Object.hasOwn(names, name)) return names[name]!;
  const [, end, sign, offset = '0'] = /^RT(MIN|MAX)(?:([+-])([1-9]\d?))?$/.exec(name) ?? [];
  if (end === 'MIN' && sign !== '-' && Number(offset) <= 15) return first + Number(offset);
  if (end === 'MAX' && sign !== '+' && Number(offset) <= 14) return last - Number(offset);
  const near = nearest(name, Object.keys(names));
  throw new SlipwayError('ERR_SYNTAX', `invalid signal: ${text}`, {
    hint: near === undefined ? 'write a name such as SIGTERM, or a number' : `did you mean SIG${near}?`,
  });
}
