// Functions on numbers and truth values.
import { isEqual, type Value, valueError } from '../hcl/value.ts';
import { type FunctionTable, fn, whole } from './function-table.ts';

function divisor(value: number): number {
  if (value === 0) throw valueError('division by zero');
  return value;
}

function finite(value: number): number {
  if (Number.isFinite(value)) return value;
  throw valueError('the result is no finite number');
}

const most = 10_000;

function range(args: readonly number[]): number[] {
  const [from, to] = args.length === 1 ? [0, args[0]!] : [args[0]!, args[1]!];
  const step = args[2] ?? (from <= to ? 1 : -1);
  if (step === 0 || (to > from && step < 0) || (to < from && step > 0))
    throw valueError('the step of range does not lead to its end');
  if (Math.abs((to - from) / step) > most) throw valueError(`range makes at most ${most} numbers`);
  const list: number[] = [];
  for (let value = from; step > 0 ? value < to : value > to; value += step) list.push(value);
  return list;
}

function parseInteger(text: string, base: number): number {
  if (whole(base) < 2 || base > 36) throw valueError(`there is no base ${base}: bases are 2 to 36`);
  const digits = '0123456789abcdefghijklmnopqrstuvwxyz'.slice(0, base);
  if (!new RegExp(`^[+-]?[${digits}]+$`, 'i').test(text))
    throw valueError(`${JSON.stringify(text)} is no number of base ${base}`);
  return finite(Number.parseInt(text, base));
}

export const numberFunctions: FunctionTable = {
  absolute: fn('n', ([a]) => Math.abs(a)),
  add: fn('nn', ([a, b]) => finite(a + b)),
  and: fn('bb', ([a, b]) => a && b),
  ceil: fn('n', ([a]) => Math.ceil(a)),
  divide: fn('nn', ([a, b]) => finite(a / divisor(b))),
  equal: fn('aa', ([a, b]: Value[]) => isEqual(a!, b!)),
  floor: fn('n', ([a]) => Math.floor(a)),
  greaterthan: fn('nn', ([a, b]) => a > b),
  greaterthanorequalto: fn('nn', ([a, b]) => a >= b),
  int: fn('n', ([a]) => Math.trunc(a)),
  lessthan: fn('nn', ([a, b]) => a < b),
  lessthanorequalto: fn('nn', ([a, b]) => a <= b),
  log: fn('nn', ([a, b]) => finite(Math.log(a) / divisor(Math.log(b)))),
  max: fn('nn*', (args) => args.reduce((a, b) => Math.max(a, b))),
  min: fn('nn*', (args) => args.reduce((a, b) => Math.min(a, b))),
  modulo: fn('nn', ([a, b]) => a % divisor(b)),
  multiply: fn('nn', ([a, b]) => finite(a * b)),
  negate: fn('n', ([a]) => -a),
  not: fn('b', ([a]) => !a),
  notequal: fn('aa', ([a, b]: Value[]) => !isEqual(a!, b!)),
  or: fn('bb', ([a, b]) => a || b),
  parseint: fn('sn', ([text, base]) => parseInteger(text, base)),
  pow: fn('nn', ([a, b]) => finite(a ** b)),
  range: fn('nn?n?', (args) => range(args as number[])),
  signum: fn('n', ([a]) => Math.sign(a)),
  subtract: fn('nn', ([a, b]) => finite(a - b)),
};
