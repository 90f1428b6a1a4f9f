// A certificate authority for tests, and certificates that it signs, made with openssl.
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const hasOpenssl = spawnSync('openssl', ['version'], { stdio: 'ignore' }).status === 0;

export interface KeyPair {
  /** Paths of PEM files. */
  certFile: string;
  keyFile: string;
  cert: string;
  key: string;
}

export interface TestCA {
  /** The authority's own certificate. */
  certFile: string;
  /** For 127.0.0.1, localhost and `names`. */
  sign(name: string, names?: readonly string[]): Promise<KeyPair>;
}

function openssl(args: readonly string[]): void {
  const done = spawnSync('openssl', args, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`openssl ${args.join(' ')}: ${done.stderr}`);
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Writes its files into `folder`. */
export async function createTestCA(folder: string): Promise<TestCA> {
  const file = (name: string): string => join(folder, name);
  const certFile = file('ca.pem');
  const [caKey, days] = [file('ca-key.pem'), ['-days', '2']];
  openssl(['req', '-x509', ...newKey, '-keyout', caKey, '-out', certFile, ...days, '-subj', '/CN=test CA']);
  return {
    certFile,
    async sign(name, names = []) {
      const pair = { certFile: file(`${name}.cert.pem`), keyFile: file(`${name}.key.pem`) };
      const request = file(`${name}.csr`);
      openssl(['req', ...newKey, '-keyout', pair.keyFile, '-out', request, '-subj', `/CN=${name}`]);
      const subjects = ['IP:127.0.0.1', 'DNS:localhost', ...names.map((one) => `DNS:${one}`)];
      const extensions = file(`${name}.ext`);
      await writeFile(extensions, `subjectAltName=${subjects.join(',')}\n`);
      const signed = ['-CA', certFile, '-CAkey', caKey, '-CAcreateserial', '-extfile', extensions];
      openssl(['x509', '-req', '-in', request, '-out', pair.certFile, ...signed, ...days]);
      const [cert, key] = await Promise.all([
        readFile(pair.certFile, 'utf8'),
        readFile(pair.keyFile, 'utf8'),
      ]);
      return { ...pair, cert, key };
    },
  };
}
