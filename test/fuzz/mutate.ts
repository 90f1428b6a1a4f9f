// Inputs made of others: bytes flipped, fields changed, parts repeated, cut, spliced, words put in. The same seed gives the same input.
import type { Random } from '../support/random.ts';
import type { FuzzTarget } from './fuzz-target.ts';

const largest = 1 << 16;
/** Once in a while, so that what grows faster than its input is seen. */
const largestOfAll = 1 << 20;
const oddBytes = [
  0, 1, 0x0a, 0x0d, 0x1b, 0x20, 0x22, 0x24, 0x27, 0x2e, 0x2f, 0x5c, 0x7f, 0x80, 0xc2, 0xed, 0xff,
];
const oddNumbers = [
  0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
];
const oddDigits = [
  ...['0', '-1', '1', '07', '65536', '2147483648', '4294967296', '9007199254740993'],
  ...['99999999999999999999999', '1e308', '1e999', '-0', '0x10', '1.5', 'NaN'],
];
const oddValues: unknown[] = [
  ...[null, true, false, 0, -1, 1e300, 2 ** 53, '', 'x', '__proto__', 'constructor', [], {}, [[]]],
  ...[
    { __proto__: null },
    JSON.parse('{"__proto__":{"a":1}}'),
    'sha256:',
    '../../../etc/passwd',
    '\u001b[2J',
  ],
];

export async function makeInput(
  target: FuzzTarget,
  corpus: readonly Buffer[],
  random: Random,
): Promise<Buffer> {
  let input: Buffer = Buffer.from(random.pick(corpus));
  const isHuge = random.number(200) === 0;
  const limit = isHuge ? largestOfAll : largest;
  const steps = 1 + random.number(random.chance(20) ? 12 : 4);
  for (let step = 0; step < steps; step++) {
    input = mutateOnce(input, { target, corpus, random, limit }).subarray(0, limit);
  }
  return target.repair && random.chance(85) ? target.repair(input) : input;
}

interface Mutation {
  target: FuzzTarget;
  corpus: readonly Buffer[];
  random: Random;
  limit: number;
}

function mutateOnce(input: Buffer, { target, corpus, random, limit }: Mutation): Buffer {
  const at = random.number(input.length + 1);
  const end = Math.min(input.length, at + 1 + random.number(random.chance(70) ? 16 : input.length + 1));
  const put = (bytes: Buffer, until = at): Buffer =>
    Buffer.concat([input.subarray(0, at), bytes, input.subarray(until)]);
  const word = (): Buffer => Buffer.from(target.words.length > 0 ? random.pick(target.words) : '\0');
  switch (random.number(12)) {
    case 0:
      return changed(input, at, (byte) => byte ^ (1 << random.number(8)));
    case 1:
      return changed(input, at, () => random.pick(oddBytes));
    case 2:
      return put(Buffer.alloc(0), end);
    case 3:
      return put(word());
    case 4:
      return put(word(), end);
    case 5: {
      const part = input.subarray(at, end);
      const most = Math.max(1, Math.floor((limit - input.length) / Math.max(1, part.length)));
      const times = Math.min(most, random.chance(80) ? 1 + random.number(8) : 1 + random.number(20_000));
      return put(Buffer.concat(Array.from({ length: times }, () => part)));
    }
    case 6: {
      const other = random.pick(corpus);
      const from = random.number(other.length + 1);
      return Buffer.concat([input.subarray(0, at), other.subarray(from)]);
    }
    case 7:
      return put(Buffer.from(Array.from({ length: 1 + random.number(8) }, () => random.number(256))), end);
    case 8:
      return withField(input, at, random);
    case 9:
      return withDigits(input, at, random);
    case 10:
      return withValue(input, random);
    default: {
      const bytes = word();
      const most = Math.max(1, Math.floor(limit / 4 / Math.max(1, bytes.length)));
      const times = Math.min(most, random.chance(80) ? 2 + random.number(20) : 2 + random.number(50_000));
      return put(Buffer.concat(Array.from({ length: times }, () => bytes)));
    }
  }
}

function changed(input: Buffer, at: number, to: (byte: number) => number): Buffer {
  if (at >= input.length) return input;
  const copy = Buffer.from(input);
  copy[at] = to(copy[at]!) & 0xff;
  return copy;
}

/** A number of two or four bytes. */
function withField(input: Buffer, at: number, random: Random): Buffer {
  if (at + 4 > input.length) return input;
  const copy = Buffer.from(input);
  const value = random.pick(oddNumbers);
  const write = random.pick(['writeUInt32LE', 'writeUInt32BE', 'writeUInt16LE', 'writeUInt16BE'] as const);
  copy[write](write.includes('16') ? value & 0xffff : value, at);
  return copy;
}

/** The first number in the text from a place on becomes an odd one. */
function withDigits(input: Buffer, from: number, random: Random): Buffer {
  const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;
  let at = from;
  while (at < input.length && !isDigit(input[at])) at++;
  let end = at;
  while (isDigit(input[end])) end++;
  if (at === end) return input;
  return Buffer.concat([input.subarray(0, at), Buffer.from(random.pick(oddDigits)), input.subarray(end)]);
}

/** Of a JSON document one member, at any depth, becomes something else, is there twice, or is gone. */
function withValue(input: Buffer, random: Random): Buffer {
  if (input.length > largest || (input[0] !== 0x7b && input[0] !== 0x5b)) return input;
  let value: unknown;
  try {
    value = JSON.parse(input.toString('utf8'));
  } catch {
    return input;
  }
  let at = value;
  for (let depth = 0; depth < 12 && typeof at === 'object' && at !== null; depth++) {
    const keys = Object.keys(at);
    if (keys.length === 0) break;
    const key = random.pick(keys);
    const inner: unknown = Reflect.get(at, key);
    if (typeof inner === 'object' && inner !== null && random.chance(70)) {
      at = inner;
      continue;
    }
    if (random.chance(15)) Reflect.deleteProperty(at, key);
    else if (random.chance(20)) Reflect.set(at, `${key}${random.pick(['', ' ', '\0', 'X'])}`, value);
    else Reflect.set(at, key, random.pick(oddValues));
    break;
  }
  try {
    return Buffer.from(JSON.stringify(value) ?? 'null');
  } catch {
    // It holds itself.
    return input;
  }
}
