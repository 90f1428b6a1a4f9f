// What is shipped with the program, or installed beside it, has a licence that lets it be: the lockfile's word and the packages' own.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { top } from './support/cli.ts';

const test = suite('licences');

const allowed = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'CC0-1.0', 'ISC', 'MIT'];
/** Lists of words that are data, by the people of SPDX: to be named, which the packages do. */
const named = { 'spdx-exceptions': 'CC-BY-3.0' } as Record<string, string>;

interface Locked {
  version: string;
  license?: string;
  dev?: boolean;
  integrity?: string;
}

const { packages } = JSON.parse(readFileSync(join(top, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Locked>;
};
const runtime = Object.entries(packages).filter(([path, { dev }]) => path !== '' && !dev);
const nameOf = (path: string): string =>
  path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

test('each is under a licence of the list', () => {
  assert.ok(runtime.length > 5);
  for (const [path, { license = 'none' }] of runtime) {
    const name = nameOf(path);
    assert.ok(allowed.includes(license) || named[name] === license, `${name}: ${license}`);
  }
});

test('what is installed says the same as the lockfile', () => {
  for (const [path, { license, version }] of runtime) {
    const file = join(top, path, 'package.json');
    // Of optional ones, those of other machines are not there.
    if (!existsSync(file)) continue;
    const found = JSON.parse(readFileSync(file, 'utf8')) as { license?: string; version: string };
    assert.equal([found.license, found.version], [license, version], path);
  }
});

test('each is pinned by a checksum', () => {
  for (const [path, { integrity = '' }] of runtime) assert.match(integrity, /^sha512-/, path);
});

test('what the program asks for itself has an exact version', () => {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'));
  for (const [name, version] of Object.entries({ ...dependencies, ...optionalDependencies }))
    assert.match(version as string, /^\d+\.\d+\.\d+$/, name);
});

test.run();
