// The verbs of format: %s, %d, %v, %q, %f, …, with flags, width and precision.
import { toFlag, toJsonText, toNumber, toText, type Value, valueError } from '../hcl/value.ts';

const verb = /%([-+ #0]*)(\d+)?(?:\.(\d+))?(?:\[(\d+)\])?([%a-zA-Z])/g;
const widest = 1000;

/** @throws ERR_EXPANSION for verbs that are not there, and arguments that do not fit. */
export function formatText(form: string, args: readonly Value[]): string {
  let next = 0;
  const stray = form.replace(verb, '').indexOf('%');
  if (stray >= 0)
    throw valueError(`${JSON.stringify(form)} has a % without a verb`, 'a percent sign is written %%');
  const text = form.replace(verb, (...match: (string | undefined)[]) => {
    const [, flags = '', width, precision, index, letter = ''] = match;
    if (letter === '%') return '%';
    const at = index === undefined ? next++ : Number(index) - 1;
    const value = args[at];
    if (value === undefined) throw valueError(`format has no argument ${at + 1} for %${letter}`);
    if (index !== undefined) next = at + 1;
    if (Number(width ?? 0) > widest || Number(precision ?? 0) > 100)
      throw valueError('a width of format is too large');
    const body = formatOne(letter, value, {
      precision: precision === undefined ? undefined : Number(precision),
      flags,
    });
    return pad(body, {
      width: Number(width ?? 0),
      flags,
      isNumber: 'dfeEgGbotxX'.includes(letter) && typeof value === 'number',
    });
  });
  if (next < args.length && !/\[\d+\]/.test(form))
    throw valueError(`format has ${args.length} arguments, and uses ${next}`);
  return text;
}

function formatOne(
  letter: string,
  value: Value,
  { precision, flags }: { precision: number | undefined; flags: string },
): string {
  const sign = (text: string): string =>
    flags.includes('+') && !text.startsWith('-')
      ? `+${text}`
      : flags.includes(' ') && !text.startsWith('-')
        ? ` ${text}`
        : text;
  const integer = (base: number): string => sign(BigInt(Math.trunc(toNumber(value))).toString(base));
  switch (letter) {
    case 's':
      return toText(value).slice(0, precision);
    case 'v':
      return typeof value === 'string' ? value : toJsonText(value);
    case 'q':
      return JSON.stringify(toText(value));
    case 't':
      return String(toFlag(value));
    case 'd':
      return integer(10);
    case 'b':
      return integer(2);
    case 'o':
      return integer(8);
    case 'x':
      return typeof value === 'string' && Number.isNaN(Number(value))
        ? Buffer.from(value).toString('hex')
        : integer(16);
    case 'X':
      return integer(16).toUpperCase();
    case 'f':
    case 'F':
      return sign(toNumber(value).toFixed(precision ?? 6));
    case 'e':
    case 'E': {
      const text = toNumber(value)
        .toExponential(precision ?? 6)
        .replace(/e([+-])(\d)$/, 'e$10$2');
      return sign(letter === 'E' ? text.toUpperCase() : text);
    }
    case 'g':
    case 'G':
      return sign(
        precision === undefined
          ? String(toNumber(value))
          : String(Number(toNumber(value).toPrecision(Math.max(1, precision)))),
      );
    default:
      throw valueError(
        `format has no verb %${letter}`,
        'known are %s, %d, %v, %q, %t, %f, %e, %g, %b, %o, %x and %X',
      );
  }
}

function pad(
  text: string,
  { width, flags, isNumber }: { width: number; flags: string; isNumber: boolean },
): string {
  if (flags.includes('-')) return text.padEnd(width);
  if (!flags.includes('0') || !isNumber) return text.padStart(width);
  const sign = /^[+-]?/.exec(text)![0];
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}
