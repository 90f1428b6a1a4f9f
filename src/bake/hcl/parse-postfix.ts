// What follows a term of an expression: members, items, splats.
import { expectClose, parseExpression } from './parse-expression.ts';
import type { Scanner } from './scanner.ts';
import type { Expression } from './syntax.ts';

/** `.name`, `[key]`, `.0`, `.*` and `[*]` behind a term. */
export function parsePostfix(scanner: Scanner, term: Expression, start: number): Expression {
  let of = term;
  for (let count = 1; ; count++) {
    scanner.link(count);
    if (scanner.startsWith('[*]') || scanner.startsWith('.*')) {
      const full = scanner.startsWith('[*]');
      scanner.at += full ? 3 : 2;
      const item: Expression = { kind: 'item', place: scanner.place(start) };
      const each = scanner.nested(scanner.multiline, () => parsePostfix(scanner, item, start));
      return { kind: 'splat', of, each, place: scanner.place(start) };
    }
    if (scanner.peek() === '.' && !scanner.startsWith('...')) {
      scanner.at++;
      const name = scanner.identifier();
      const digits =
        name === undefined ? /^\d+/.exec(scanner.text.slice(scanner.at, scanner.at + 9))?.[0] : undefined;
      if (name === undefined && digits === undefined) throw scanner.error('a name is missing after "."');
      scanner.at += digits?.length ?? 0;
      const place = scanner.place(start);
      of =
        name === undefined
          ? { kind: 'index', of, key: { kind: 'literal', value: Number(digits), place }, place }
          : { kind: 'attribute', of, name, place };
      continue;
    }
    if (scanner.peek() !== '[') return of;
    scanner.at++;
    const key = scanner.nested(true, () => parseExpression(scanner));
    expectClose(scanner, ']', start);
    of = { kind: 'index', of, key, place: scanner.place(start) };
  }
}
