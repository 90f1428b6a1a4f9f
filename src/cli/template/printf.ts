// printf: the verbs of Go's fmt that make sense for what templates hold.
import { printValue } from './print-value.ts';
import { templateError } from './syntax.ts';

const widest = 1000;

/** `%[flags][width][.precision]verb` with verbs v s d q t f x %. */
export function formatText(format: string, values: readonly unknown[]): string {
  let used = 0;
  const text = format.replace(
    /%([-+0 #]*)(\d*)(?:\.(\d*))?([\s\S]?)/g,
    (whole, flags: string, width: string, precision: string | undefined, verb: string) => {
      if (verb === '%') return '%';
      if (Number(width) > widest || Number(precision ?? 0) > widest)
        throw templateError(`printf: ${whole} is wider than ${widest}`);
      if (used >= values.length) return `%!${verb}(MISSING)`;
      const body = formatOne(verb, values[used++], { precision, flags });
      if (body === undefined)
        throw templateError(`printf: ${whole} is not supported`, 'verbs are %v %s %d %q %t %f %x');
      if (flags.includes('-')) return body.padEnd(Number(width));
      return body.padStart(Number(width), flags.includes('0') && /^[dfx]$/.test(verb) ? '0' : ' ');
    },
  );
  if (used < values.length) throw templateError('printf: there are more values than verbs');
  return text;
}

function formatOne(
  verb: string,
  value: unknown,
  { precision, flags }: { precision: string | undefined; flags: string },
): string | undefined {
  const cut = (text: string): string => (precision === undefined ? text : text.slice(0, Number(precision)));
  switch (verb) {
    case 'v':
      return printValue(value);
    case 's':
      return cut(printValue(value));
    case 'q':
      return JSON.stringify(printValue(value));
    case 't':
      return typeof value === 'boolean' ? String(value) : wrong('t', value);
    case 'd':
      return typeof value === 'number' ? signed(Math.trunc(value), flags) : wrong('d', value);
    case 'f':
      return typeof value === 'number'
        ? value.toFixed(Math.min(Number(precision ?? 6), 100))
        : wrong('f', value);
    case 'x':
      return typeof value === 'number'
        ? Math.trunc(value).toString(16)
        : Buffer.from(printValue(value)).toString('hex');
    default:
      return undefined;
  }
}

function signed(value: number, flags: string): string {
  return flags.includes('+') && value >= 0 ? `+${value}` : String(value);
}

/** As Go says it. */
function wrong(verb: string, value: unknown): string {
  const types: Record<string, string> = { string: 'string', boolean: 'bool', number: 'int' };
  return `%!${verb}(${types[typeof value] ?? 'value'}=${printValue(value)})`;
}
