// How a function of bake files is described: what it takes, and what it does with it.
import { toFlag, toList, toMap, toNumber, toText, type Value, valueError } from '../hcl/value.ts';

export interface CallContext {
  /** Milliseconds since 1970. */
  now: number;
}

interface Kinds {
  s: string;
  n: number;
  b: boolean;
  l: Value[];
  m: Map<string, Value>;
  a: Value;
}

/** `s`tring, `n`umber, `b`ool, `l`ist, `m`ap, `a`ny; `?` behind: may be left out; `*` at the end: the last, as often as wanted. */
type ArgumentsOf<Takes extends string> = Takes extends ''
  ? []
  : Takes extends `${infer Kind extends keyof Kinds}*`
    ? Kinds[Kind][]
    : Takes extends `${infer Kind extends keyof Kinds}?${infer Rest}`
      ? [Kinds[Kind]?, ...ArgumentsOf<Rest>]
      : Takes extends `${infer Kind extends keyof Kinds}${infer Rest}`
        ? [Kinds[Kind], ...ArgumentsOf<Rest>]
        : never;

export interface BakeFunction {
  takes: string;
  /** Arguments have the kinds that `takes` says. */
  run(args: unknown[], context: CallContext): Value;
}

export type FunctionTable = Record<string, BakeFunction>;

/** Describes a function; its arguments are converted to what it takes. */
export function fn<const Takes extends string>(
  takes: Takes,
  run: (args: ArgumentsOf<Takes>, context: CallContext) => Value,
): BakeFunction {
  return { takes, run: run as BakeFunction['run'] };
}

/** @throws ERR_EXPANSION for arguments that do not fit, and whatever the function refuses */
export function callFunction(
  { name, takes, run }: BakeFunction & { name: string },
  given: readonly Value[],
  context: CallContext,
): Value {
  const many = takes.endsWith('*');
  const kinds = takes.replace('*', '').match(/[snblma]\??/g) ?? [];
  const least = kinds.filter((kind) => !kind.endsWith('?')).length - (many ? 1 : 0);
  if (given.length < least || (!many && given.length > kinds.length)) {
    const wanted = many
      ? `at least ${least}`
      : least === kinds.length
        ? String(least)
        : `${least} to ${kinds.length}`;
    throw valueError(
      `${name} takes ${wanted} argument${wanted === '1' ? '' : 's'}, and ${given.length} ${given.length === 1 ? 'is' : 'are'} given`,
    );
  }
  const args = given.map((value, index) => {
    const kind = (kinds[index] ?? kinds.at(-1)!)[0];
    try {
      return convert(kind!, value);
    } catch (error) {
      throw prefixed(error, `argument ${index + 1} of ${name}: `);
    }
  });
  return run(args, context);
}

function convert(kind: string, value: Value): unknown {
  switch (kind) {
    case 's':
      return toText(value);
    case 'n':
      return toNumber(value);
    case 'b':
      return toFlag(value);
    case 'l':
      return toList(value);
    case 'm':
      return toMap(value);
    default:
      return value;
  }
}

function prefixed(error: unknown, prefix: string): unknown {
  if (error instanceof Error) error.message = prefix + error.message;
  return error;
}

/** A whole number. @throws ERR_EXPANSION */
export function whole(value: number, what = 'the number'): number {
  if (Number.isSafeInteger(value)) return value;
  throw valueError(`${what} must be whole, and is ${value}`);
}
