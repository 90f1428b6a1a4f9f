// Messages of the SSH agent protocol on a stream: each behind its length.

/** As in OpenSSH. */
const longest = 256 * 1024;

export function encodeMessage(message: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.length);
  return Buffer.concat([length, message]);
}

/** Ends early at a message of no length or of more than 256 KiB; what is cut off at the end is dropped. */
export async function* readMessages(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer, undefined> {
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 4) {
      const length = held.readUInt32BE();
      if (length === 0 || length > longest) return undefined;
      if (held.length < 4 + length) break;
      yield held.subarray(4, 4 + length);
      held = held.subarray(4 + length);
    }
  }
  return undefined;
}
