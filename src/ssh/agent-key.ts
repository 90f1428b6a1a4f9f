// A private key that an agent holds: its public half as SSH writes it, and signatures.
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { SlipwayError } from '../errors.ts';
import { isOpensshKey, parseOpensshKey } from './openssh-key.ts';
import { sshInteger, sshString } from './wire.ts';

export interface AgentKey {
  /** The public key (RFC 4253, section 6.6; RFC 5656, section 3.1; RFC 8709, section 4). */
  blob: Buffer;
  /** @param flags of the agent protocol: 2 and 4 ask for rsa-sha2-256 and rsa-sha2-512. */
  sign(data: Buffer, flags: number): Buffer;
}

const signature = (algorithm: string, value: Buffer): Buffer =>
  Buffer.concat([sshString(algorithm), sshString(value)]);

function ed25519Key(key: KeyObject, x: string): AgentKey {
  return {
    blob: Buffer.concat([sshString('ssh-ed25519'), sshString(Buffer.from(x, 'base64url'))]),
    sign: (data) => signature('ssh-ed25519', sign(null, data, key)),
  };
}

function rsaKey(key: KeyObject, jwk: { n: string; e: string }): AgentKey {
  const integer = (text: string): Buffer => sshInteger(Buffer.from(text, 'base64url'));
  return {
    blob: Buffer.concat([sshString('ssh-rsa'), integer(jwk.e), integer(jwk.n)]),
    sign(data, flags) {
      if (flags & 4) return signature('rsa-sha2-512', sign('sha512', data, key));
      if (flags & 2) return signature('rsa-sha2-256', sign('sha256', data, key));
      return signature('ssh-rsa', sign('sha1', data, key));
    },
  };
}

const curves: Record<string, { name: string; hash: string }> = {
  'P-256': { name: 'nistp256', hash: 'sha256' },
  'P-384': { name: 'nistp384', hash: 'sha384' },
  'P-521': { name: 'nistp521', hash: 'sha512' },
};

function ecdsaKey(key: KeyObject, jwk: { crv: string; x: string; y: string }): AgentKey | undefined {
  const curve = curves[jwk.crv];
  if (curve === undefined) return undefined;
  const algorithm = `ecdsa-sha2-${curve.name}`;
  const point = [Buffer.from([4]), Buffer.from(jwk.x, 'base64url'), Buffer.from(jwk.y, 'base64url')];
  return {
    blob: Buffer.concat([sshString(algorithm), sshString(curve.name), sshString(Buffer.concat(point))]),
    sign(data) {
      const pair = sign(curve.hash, data, { key, dsaEncoding: 'ieee-p1363' });
      const half = pair.length / 2;
      const value = [sshInteger(pair.subarray(0, half)), sshInteger(pair.subarray(half))];
      return signature(algorithm, Buffer.concat(value));
    },
  };
}

function agentKey(key: KeyObject): AgentKey | undefined {
  const type = key.asymmetricKeyType;
  if (type !== 'ed25519' && type !== 'rsa' && type !== 'ec') return undefined;
  const { n = '', e = '', crv = '', x = '', y = '' } = key.export({ format: 'jwk' });
  if (type === 'ed25519') return ed25519Key(key, x);
  return type === 'rsa' ? rsaKey(key, { n, e }) : ecdsaKey(key, { crv, x, y });
}

const kinds = 'give an ed25519, ecdsa or rsa key in OpenSSH or PEM form';

/**
 * Reads a private key without a passphrase.
 * @param name of the file, for errors; nothing of its content is named.
 * @throws ERR_CONTEXT
 */
export function parseAgentKey(text: string, name: string): AgentKey {
  const refuse = (what: string, hint: string): SlipwayError =>
    new SlipwayError('ERR_CONTEXT', `${name} ${what}`, { hint });
  let key: KeyObject | 'encrypted' | undefined;
  try {
    if (isOpensshKey(text)) key = parseOpensshKey(text);
    else key = /\bENCRYPTED\b/.test(text) ? 'encrypted' : createPrivateKey(text);
  } catch {
    // Node's own words may quote the key.
    throw refuse('is no private key that can be read', kinds);
  }
  if (key === 'encrypted') {
    const hint = 'add the key to an agent with ssh-add, and give that: --ssh default';
    throw refuse('needs a passphrase, which nobody can be asked for', hint);
  }
  const found = key && agentKey(key);
  if (found === undefined) throw refuse('is of a kind that is not known', kinds);
  return found;
}
