// The data types of SSH (RFC 4251, section 5): what keys, signatures and the agent's messages are made of.

const length = (bytes: number): Buffer => {
  const field = Buffer.alloc(4);
  field.writeUInt32BE(bytes);
  return field;
};

/** A `string`: bytes behind their length. */
export function sshString(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([length(bytes.length), bytes]);
}

/** An `mpint` of at least 0. @param magnitude big-endian, with any number of leading zeros. */
export function sshInteger(magnitude: Buffer): Buffer {
  const start = magnitude.findIndex((byte) => byte !== 0);
  if (start < 0) return length(0);
  const digits = magnitude.subarray(start);
  return sshString(digits[0]! >= 0x80 ? Buffer.concat([Buffer.alloc(1), digits]) : digits);
}

export interface SshReader {
  byte(): number;
  uint32(): number;
  /** A `string`, or the two's complement of an `mpint`. */
  bytes(): Buffer;
  text(): string;
  /** What is not read yet. */
  rest(): Buffer;
}

/** Reads fields one after another. Its functions throw a RangeError where the bytes end too early. */
export function createSshReader(buffer: Buffer): SshReader {
  let at = 0;
  const take = (size: number): Buffer => {
    if (size > buffer.length - at) throw new RangeError('the data ends too early');
    at += size;
    return buffer.subarray(at - size, at);
  };
  const uint32 = (): number => take(4).readUInt32BE();
  const bytes = (): Buffer => take(uint32());
  return {
    byte: () => take(1)[0]!,
    uint32,
    bytes,
    text: () => bytes().toString('latin1'),
    rest: () => buffer.subarray(at),
  };
}
