// Content that deflate can't make smaller: how to tell, and how it is stored. Both functions stand alone: their text runs in threads.

/**
 * Whether compressing is in vain: bytes from all over the content are as evenly spread as only compressed, encrypted and random
 * content has them, and a piece of it does not shrink. It follows from the content alone.
 * @param deflatedSize how many bytes level 1 makes of a piece.
 */
export function isIncompressible(bytes: Uint8Array, deflatedSize: (piece: Uint8Array) => number): boolean {
  const pieces = 16;
  const pieceLength = 512;
  const sample = 1 << 15;
  if (bytes.length < 2 * sample) return false;
  const counts = new Uint32Array(256);
  const step = Math.floor((bytes.length - pieceLength) / (pieces - 1));
  for (let piece = 0; piece < pieces; piece++) {
    for (let at = piece * step; at < piece * step + pieceLength; at++) counts[bytes[at]!]!++;
  }
  let squares = 0;
  for (const count of counts) squares += count * count;
  // Random bytes give 270,000 within a hundredth.
  if (squares > 300_000) return false;
  const middle = (bytes.length - sample) >> 1;
  return deflatedSize(bytes.subarray(middle, middle + sample)) > sample * 0.99;
}

/** Blocks of type 0, none of them the last (RFC 1951, 3.2.4). */
export function storeBytes(bytes: Uint8Array): Uint8Array {
  const most = 65_535;
  const stored = new Uint8Array(bytes.length + 5 * Math.ceil(bytes.length / most));
  let to = 0;
  for (let from = 0; from < bytes.length; from += most) {
    const length = Math.min(most, bytes.length - from);
    stored[to + 1] = length & 255;
    stored[to + 2] = length >> 8;
    stored[to + 3] = ~length & 255;
    stored[to + 4] = (~length >> 8) & 255;
    stored.set(bytes.subarray(from, from + length), to + 5);
    to += 5 + length;
  }
  return stored;
}
