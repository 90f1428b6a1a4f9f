// Sound JSON with one member changed to something else, or gone: input for tests of parsers of untrusted documents.
import fc from 'fast-check';

type Path = (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const keys = Array.isArray(value) ? value.keys() : Object.keys(value);
  return [path, ...[...keys].flatMap((key) => pathsOf((value as never)[key], [...path, key]))];
}

function changed(value: unknown, path: Path, to: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return to;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[key] = changed(copy[key], rest, to);
  return copy;
}

/** `document` with one of its members, at any depth, replaced; `undefined` drops it when it is written. */
export function mutations(document: unknown): fc.Arbitrary<unknown> {
  const odd = fc.constantFrom<unknown>(undefined, null, true, 0, -1, 1e300, '', 'x', '__proto__', [], {}, [
    [],
  ]);
  return fc
    .tuple(fc.constantFrom(...pathsOf(document)), fc.oneof(odd, fc.jsonValue({ maxDepth: 2 })))
    .filter(([path, to]) => path.length > 0 || to !== undefined)
    .map(([path, to]) => changed(document, path, to));
}
