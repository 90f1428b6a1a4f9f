// One line of comma-separated fields, quoted as in RFC 4180: the form of --mount.
import { SlipwayError } from '../errors.ts';

/** @throws ERR_SYNTAX for a quote that is not closed or stands in the midst of a field, and for an empty text. */
export function parseCsvFields(text: string): string[] {
  const refuse = (why: string) =>
    new SlipwayError('ERR_SYNTAX', `${why} in "${text}"`, {
      hint: 'quote a whole field, and double the quotes in it: "target=a ""b"" c"',
    });
  if (text === '') throw refuse('no field');
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] === '"') {
      let field = '';
      for (at++; ; at++) {
        if (at >= text.length) throw refuse('a quote is not closed');
        if (text[at] === '"' && text[++at] !== '"') break;
        field += text[at];
      }
      if (at < text.length && text[at] !== ',') throw refuse('text behind a quote');
      fields.push(field);
    } else {
      const comma = text.indexOf(',', at);
      const field = text.slice(at, comma < 0 ? undefined : comma);
      if (field.includes('"')) throw refuse('a quote inside a field');
      fields.push(field);
      at += field.length;
    }
    if (at >= text.length) return fields;
    at++;
  }
}
