// A stream cut into the parts of a multipart upload: all of one size but the last.

const least = 8 << 20;
/** A multipart upload has no more. */
const mostParts = 10_000;

/** Bytes. */
export function partSizeFor(size: number): number {
  return Math.max(least, Math.ceil(size / mostParts));
}

/** Nothing for an empty stream. */
export async function* partsOf(
  source: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Buffer, void> {
  let filling: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of source) {
    let rest = chunk;
    while (length + rest.length >= size) {
      const fits = rest.subarray(0, size - length);
      yield Buffer.concat([...filling, fits]);
      rest = rest.subarray(fits.length);
      filling = [];
      length = 0;
    }
    // The source may use its buffer again.
    if (rest.length > 0) filling.push(Uint8Array.from(rest));
    length += rest.length;
  }
  if (length > 0) yield Buffer.concat(filling);
}
