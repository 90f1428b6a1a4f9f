// Functions that encode, hash and read other formats.
import { createHash } from 'node:crypto';
import { parseCsvFields } from '../../dockerfile/csv.ts';
import { fromJson, toJsonText, type Value, valueError } from '../hcl/value.ts';
import { type FunctionTable, fn } from './function-table.ts';

const hash = (algorithm: string) => fn('s', ([text]) => createHash(algorithm).update(text).digest('hex'));

function decodeBase64(text: string): string {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text))
    throw valueError('the text is no base64');
  return Buffer.from(text, 'base64').toString('utf8');
}

function decodeJson(text: string): Value {
  try {
    return fromJson(JSON.parse(text));
  } catch (cause) {
    throw valueError(`the text is no JSON: ${(cause as Error).message}`);
  }
}

/** The first line holds the names. */
function decodeCsv(text: string): Value {
  const [head, ...rows] = text
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map(parseCsvFields);
  if (!head) throw valueError('csvdecode takes at least a line of names');
  return rows.map((row) => {
    if (row.length !== head.length)
      throw valueError('a line of the CSV text has not as many fields as the first');
    return new Map(head.map((name, index) => [name, row[index]!]));
  });
}

const encodeUrl = (text: string): string =>
  encodeURIComponent(Buffer.from(text).toString())
    .replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');

/** Namespaces of RFC 4122, appendix C. */
const namespaces: Record<string, string> = { dns: '0', url: '1', oid: '2', x500: '4' };

function uuidV5(namespace: string, name: string): string {
  const known = Object.hasOwn(namespaces, namespace)
    ? `6ba7b81${namespaces[namespace]}-9dad-11d1-80b4-00c04fd430c8`
    : namespace;
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(known))
    throw valueError(
      `${JSON.stringify(namespace)} is no namespace of UUIDs`,
      'dns, url, oid, x500 or a UUID',
    );
  const bytes = createHash('sha1')
    .update(Buffer.from(known.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
    .subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export const encodingFunctions: FunctionTable = {
  base64decode: fn('s', ([text]) => decodeBase64(text)),
  base64encode: fn('s', ([text]) => Buffer.from(text).toString('base64')),
  csvdecode: fn('s', ([text]) => decodeCsv(text)),
  jsondecode: fn('s', ([text]) => decodeJson(text)),
  jsonencode: fn('a', ([value]) => toJsonText(value)),
  md5: hash('md5'),
  sha1: hash('sha1'),
  sha256: hash('sha256'),
  sha512: hash('sha512'),
  urlencode: fn('s', ([text]) => encodeUrl(text)),
  uuidv5: fn('ss', ([namespace, name]) => uuidV5(namespace, name)),
};
