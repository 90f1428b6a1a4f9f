// How this machine reaches its package mirrors, for steps that install packages: read at run time, so that no fixture
// names a host.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, mustRun } from './run-command.ts';

/** `bookworm`; undefined where this is no Debian. */
export function debianCodename(): string | undefined {
  if (!existsSync('/etc/os-release')) return undefined;
  const text = readFileSync('/etc/os-release', 'utf8');
  return /^ID=debian$/m.test(text) ? /^VERSION_CODENAME=(\w+)$/m.exec(text)?.[1] : undefined;
}

/** The one-line apt sources of the distribution itself; those of other vendors are left out. */
export function aptSources(codename: string): string {
  const folder = '/etc/apt/sources.list.d';
  const inFolder = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  const lines = new Set<string>();
  for (const path of ['/etc/apt/sources.list', ...inFolder].filter((file) => existsSync(file))) {
    const text = readFileSync(path, 'utf8').replace(/^#.*\n/gm, '');
    if (path.endsWith('.sources'))
      for (const stanza of text.split(/\n{2,}/)) addStanza(stanza, codename, lines);
    else for (const line of text.split('\n')) if (ofDistribution(suiteOf(line), codename)) lines.add(line);
  }
  return [...lines, ''].join('\n');
}

/** `bookworm`, `bookworm-updates`, `bookworm-security`, but not `cloud-sdk-bookworm`. */
function ofDistribution(suite: string, codename: string): boolean {
  return suite === codename || suite.startsWith(`${codename}-`);
}

function suiteOf(line: string): string {
  return /^deb\s+(?:\[[^\]]*\]\s+)?\S+\s+(\S+)/.exec(line)?.[1] ?? '';
}

function addStanza(stanza: string, codename: string, lines: Set<string>): void {
  const field = (name: string): string[] =>
    (new RegExp(`^${name}:(.*)$`, 'mi').exec(stanza)?.[1] ?? '').trim().split(/\s+/).filter(Boolean);
  if (!field('Types').includes('deb')) return;
  for (const uri of field('URIs')) {
    for (const suite of field('Suites')) {
      if (ofDistribution(suite, codename)) lines.add(`deb ${uri} ${suite} ${field('Components').join(' ')}`);
    }
  }
}

/** apt's settings for proxies and TLS, as a file for apt.conf.d. */
export async function aptSettings(): Promise<string> {
  const all = await mustRun(['apt-config', 'dump']);
  return all
    .split('\n')
    .filter((line) => /^Acquire::(http|https)::/.test(line))
    .map((line) => `${line}\n`)
    .join('');
}

/** What npm is told here, as an .npmrc, with `caFile` as the path of the certificates in a step. */
export async function npmSettings(caFile: string): Promise<string> {
  if (findProgram('npm') === undefined) return '';
  const read = async (name: string): Promise<string> =>
    (await mustRun(['npm', 'config', 'get', name])).trim();
  const lines = [`registry=${await read('registry')}`, `cafile=${caFile}`];
  for (const name of ['proxy', 'https-proxy']) {
    const value = await read(name);
    if (value !== 'null' && value !== '') lines.push(`${name}=${value}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The machine's certificates; undefined where it has none. */
export function certificates(): string | undefined {
  const given = process.env['SLIPWAY_TEST_CA_CERTS'] ?? process.env['NODE_EXTRA_CA_CERTS'];
  return [given, '/etc/ssl/certs/ca-certificates.crt'].find((path) => path !== undefined && existsSync(path));
}
