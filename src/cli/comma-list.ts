// Values of flags that are lists: a line of comma-separated fields, where "a field, quoted" may hold commas.
import { SlipwayError } from '../errors.ts';

/** Splits a line of CSV (RFC 4180) into its fields. @throws ERR_USAGE for a quote that does not end. */
export function splitCommaList(text: string, flag: string): string[] {
  const fields: string[] = [];
  let rest = text;
  for (;;) {
    const quoted = /^"((?:[^"]|"")*)"(?=,|$)/.exec(rest);
    if (!quoted && rest.startsWith('"')) {
      throw new SlipwayError('ERR_USAGE', `${flag}: the quotes in ${JSON.stringify(text)} do not match`, {
        hint: 'a field in quotes ends with a quote before the next comma; a quote within it is written twice',
      });
    }
    const field = quoted ? quoted[1]!.replaceAll('""', '"') : /^[^,]*/.exec(rest)![0];
    fields.push(field);
    const used = quoted ? quoted[0].length : field.length;
    if (used === rest.length) return fields;
    rest = rest.slice(used + 1);
  }
}

/** Fields of the form `key=value`, in order; keys in lower case. @throws ERR_USAGE for a field without `=`. */
export function readPairs(fields: readonly string[], flag: string): [string, string][] {
  return fields.map((field) => {
    const equals = field.indexOf('=');
    if (equals < 1) {
      throw new SlipwayError('ERR_USAGE', `${flag}: ${JSON.stringify(field)} is not written key=value`, {
        hint: `${flag} key=value,key=value; slipway build --help says which keys`,
      });
    }
    return [field.slice(0, equals).trim().toLowerCase(), field.slice(equals + 1)];
  });
}
