// OpenSSH's own form of private keys (PROTOCOL.key of OpenSSH), without a passphrase. Pure but for node:crypto.
import { createPrivateKey, type JsonWebKeyInput, type KeyObject } from 'node:crypto';
import { createSshReader, type SshReader } from './wire.ts';

const magic = 'openssh-key-v1\0';
const begin = '-----BEGIN OPENSSH PRIVATE KEY-----';
const end = '-----END OPENSSH PRIVATE KEY-----';

type JsonWebKey = JsonWebKeyInput['key'];

const curves: Record<string, { crv: string; size: number }> = {
  nistp256: { crv: 'P-256', size: 32 },
  nistp384: { crv: 'P-384', size: 48 },
  nistp521: { crv: 'P-521', size: 66 },
};

const toInteger = (bytes: Buffer): bigint => BigInt(`0x0${bytes.toString('hex')}`);

function fromInteger(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

/** Without the leading zeros that an mpint may have, and with those that a fixed size asks for. */
function sized(bytes: Buffer, size?: number): string {
  const digits = fromInteger(toInteger(bytes));
  const zeros = Buffer.alloc(Math.max(0, (size ?? 0) - digits.length));
  return Buffer.concat([zeros, digits]).toString('base64url');
}

function readKey(reader: SshReader): JsonWebKey | undefined {
  const type = reader.text();
  if (type === 'ssh-ed25519') {
    const x = reader.bytes().toString('base64url');
    const d = reader.bytes().subarray(0, 32).toString('base64url');
    return { kty: 'OKP', crv: 'Ed25519', x, d };
  }
  if (type === 'ssh-rsa') {
    const [n, e, d, qi, p, q] = Array.from({ length: 6 }, () => reader.bytes()) as [
      ...[Buffer, Buffer, Buffer],
      ...[Buffer, Buffer, Buffer],
    ];
    const exponent = (prime: Buffer): string => sized(fromInteger(toInteger(d) % (toInteger(prime) - 1n)));
    const primes = { p: sized(p), q: sized(q), dp: exponent(p), dq: exponent(q), qi: sized(qi) };
    return { kty: 'RSA', n: sized(n), e: sized(e), d: sized(d), ...primes };
  }
  const curve = type.startsWith('ecdsa-sha2-') ? curves[type.slice(11)] : undefined;
  if (curve === undefined) return undefined;
  reader.bytes();
  const point = reader.bytes();
  const { crv, size } = curve;
  const x = sized(point.subarray(1, 1 + size), size);
  const y = sized(point.subarray(1 + size), size);
  return { kty: 'EC', crv, x, y, d: sized(reader.bytes(), size) };
}

export const isOpensshKey = (text: string): boolean => text.includes(begin);

/** 'encrypted', or undefined where the kind of key is not known. @throws where it is broken. */
export function parseOpensshKey(text: string): KeyObject | 'encrypted' | undefined {
  const base64 = text.slice(text.indexOf(begin) + begin.length, text.indexOf(end));
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('latin1', 0, magic.length) !== magic) throw new RangeError('the key has another format');
  const reader = createSshReader(bytes.subarray(magic.length));
  const cipher = reader.text();
  reader.bytes();
  reader.bytes();
  if (cipher !== 'none') return 'encrypted';
  if (reader.uint32() !== 1) throw new RangeError('the file holds no single key');
  reader.bytes();
  const secret = createSshReader(reader.bytes());
  const check = secret.uint32();
  if (secret.uint32() !== check) throw new RangeError('its check numbers differ');
  const key = readKey(secret);
  return key && createPrivateKey({ key, format: 'jwk' });
}
