// rpm packages are found in each of rpm's databases as rpm itself lists them, and no nonsense in one makes a scan fail.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createByteWindow } from '../../src/attest/sbom/byte-window.ts';
import type { FoundPackage } from '../../src/attest/sbom/found-package.ts';
import { rpmSqliteBlobs } from '../../src/attest/sbom/rpm-sqlite.ts';
import { type Scan, scanTree } from '../../src/attest/sbom/scan.ts';
import { requireFeature } from '../support/require-feature.ts';
import { findProgram } from '../support/run-command.ts';
import { bdbDatabase, ndbDatabase, rpmHeader, sqliteLog } from './rpm-databases.ts';
import { scanned } from './scanned-tree.ts';

const test = suite('attest/rpm');
const signal = new AbortController().signal;
const release = 'ID="rhel"\nVERSION_ID="9.4"\n';
const places = {
  sqlite: '/var/lib/rpm/rpmdb.sqlite',
  ndb: '/usr/lib/sysimage/rpm/Packages.db',
  bdb: '/var/lib/rpm/Packages',
};
const scan = (entries: Record<string, string | Buffer>): Scan =>
  scanTree(scanned({ '/etc/os-release': release, ...entries }), signal);
const purls = ({ packages }: Scan): string[] => packages.map(({ purl }) => purl);

const bash = rpmHeader({
  ...{
    1000: 'bash',
    1001: '5.1.8',
    1002: '9.el9',
    1014: 'GPLv3+',
    1020: 'https://www.gnu.org/software/bash',
  },
  ...{ 1011: 'Example, Inc.', 1022: 'x86_64', 1044: 'bash-5.1.8-9.el9.src.rpm', 1005: 'x'.repeat(9000) },
});
const shadow = rpmHeader({ 1000: 'shadow-utils', 1001: '4.9', 1002: '8.el9', 1003: 2, 1022: 'x86_64' });
const key = rpmHeader({ 1000: 'gpg-pubkey', 1001: 'fd431d51', 1002: '4ae0493b' });
const wanted = [
  'pkg:rpm/redhat/bash@5.1.8-9.el9?arch=x86_64&distro=rhel-9.4&upstream=bash-5.1.8-9.el9.src.rpm',
  'pkg:rpm/redhat/shadow-utils@4.9-8.el9?arch=x86_64&distro=rhel-9.4&epoch=2',
];

for (const [name, path, database] of [
  ['ndb', places.ndb, ndbDatabase],
  ['Berkeley DB', places.bdb, bdbDatabase],
] as const) {
  test(`${name}: packages with their versions, epochs and sources; keys are none`, () => {
    const found = scan({ [path]: database([bash, shadow, key]) });
    assert.equal(purls(found), wanted);
    assert.equal(found.unread, []);
    const [first, second] = found.packages as [FoundPackage, FoundPackage];
    assert.equal(
      [first.license, first.maintainer, first.homepage, first.foundIn],
      [...['GPLv3+', 'Example, Inc.', 'https://www.gnu.org/software/bash', path]],
    );
    assert.is(second.version, '2:4.9-8.el9');
  });
}

test('without a distribution, and of SUSE', () => {
  const entry = { [places.ndb]: ndbDatabase([shadow]) };
  assert.equal(purls(scan({ ...entry, '/etc/os-release': '' })), [
    'pkg:rpm/shadow-utils@4.9-8.el9?arch=x86_64&epoch=2',
  ]);
  const suse = 'ID="opensuse-leap"\nVERSION_ID="15.6"\n';
  assert.match(
    purls(scan({ ...entry, '/etc/os-release': suse }))[0]!,
    /^pkg:rpm\/opensuse\/.*distro=opensuse-leap-15\.6/,
  );
});

test('what is no database is said not to be read', () => {
  for (const path of Object.values(places))
    assert.equal(scan({ [path]: 'nonsense' }).unread, ['rpm packages'], path);
});

let folder = '';
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'rpm-'));
});
test.after(() => rmSync(folder, { recursive: true }));

const hasRpm = (): boolean =>
  requireFeature('rpm', findProgram('rpm') !== undefined && findProgram('rpmbuild') !== undefined);

function rpm(backend: string, database: string, args: string[]): string {
  const options = ['--define', `_db_backend ${backend}`, '--dbpath', database];
  return execFileSync('rpm', [...options, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

const query = ['-qa', '--qf', '%{NAME}@%{VERSION}-%{RELEASE} %{EPOCH} %{ARCH} %{LICENSE}\\n'];
const listed = (text: string): string[] => text.trim().split('\n').sort();

const asListed = ({ packages }: Scan): string[] =>
  packages
    .map(({ name, version = '', purl, license }) => {
      const [, epoch = '(none)', rest] = /^(?:(\d+):)?(.*)$/.exec(version)!;
      return `${name}@${rest} ${epoch} ${/arch=([^&]*)/.exec(purl)?.[1]} ${license}`;
    })
    .sort();

/** Packages of some kilobytes each, so that rows lie on several pages, under pages that lead to them. */
function buildPackages(count: number): string[] {
  const more = Array.from(
    { length: count },
    (_, index) =>
      `%package part${index}\nSummary: part ${index}\nLicense: MIT and ISC\n${index % 2 ? `Epoch: ${index}\n` : ''}%description part${index}\n${'many words '.repeat(600)}\n%files part${index}\n`,
  );
  const spec = `Name: whole\nVersion: 1.2.3\nRelease: 4.el9\nSummary: s\nLicense: GPL-2.0-or-later\nBuildArch: noarch\n%description\nd\n%files\n${more.join('')}`;
  writeFileSync(join(folder, 'whole.spec'), spec);
  const options = ['--define', `_topdir ${folder}/top`, '--define', '_binary_payload w0.ufdio'];
  execFileSync('rpmbuild', ['-bb', '--nodeps', ...options, join(folder, 'whole.spec')], { stdio: 'ignore' });
  const packages = join(folder, 'top/RPMS/noarch');
  return readdirSync(packages).map((name) => join(packages, name));
}

function install(name: string, packages: string[]): string {
  const database = join(folder, name);
  mkdirSync(database);
  rpm('sqlite', database, ['-i', '--nodeps', '--justdb', '--ignorearch', ...packages]);
  return database;
}

test('SQLite: what rpm wrote is read as rpm lists it, also what is still in the log beside it', () => {
  if (!hasRpm()) return;
  const packages = buildPackages(40);
  const all = install('all', packages);
  const bytes = readFileSync(join(all, 'rpmdb.sqlite'));
  const text = listed(rpm('sqlite', all, query));
  assert.is(text.length, 41);
  assert.equal(asListed(scan({ [places.sqlite]: bytes })), text);
  const few = readFileSync(join(install('few', packages.slice(0, 2)), 'rpmdb.sqlite'));
  assert.is(scan({ [places.sqlite]: few }).packages.length, 2);
  const log = sqliteLog(bytes, 4096);
  assert.equal(asListed(scan({ [places.sqlite]: few, [`${places.sqlite}-wal`]: log })), text);
  // What was not committed does not count.
  const torn = log.subarray(0, log.length - 100);
  assert.is(scan({ [places.sqlite]: few, [`${places.sqlite}-wal`]: torn }).packages.length, 2);
});

test('Berkeley DB: rpm lists the same headers', () => {
  if (!hasRpm()) return;
  const files = scanned({ [places.sqlite]: readFileSync(join(folder, 'few/rpmdb.sqlite')) });
  const blobs = [...rpmSqliteBlobs(createByteWindow(files, places.sqlite, 1 << 24), undefined)!];
  const database = join(folder, 'bdb');
  mkdirSync(database);
  const bytes = bdbDatabase(blobs);
  writeFileSync(join(database, 'Packages'), bytes);
  const text = listed(rpm('bdb_ro', database, query));
  assert.is(text.length, 2);
  assert.equal(asListed(scan({ [places.bdb]: bytes })), text);
  assert.equal(asListed(scan({ [places.ndb]: ndbDatabase(blobs) })), text);
});

test('bytes that are changed or missing make no scan fail', () => {
  const sound: [string, Buffer][] = [
    [places.ndb, ndbDatabase([bash, shadow, key])],
    [places.bdb, bdbDatabase([bash, shadow, key])],
  ];
  if (folder && findProgram('rpm')) {
    const path = join(folder, 'few/rpmdb.sqlite');
    sound.push([places.sqlite, readFileSync(path)]);
  }
  const change = fc.record({
    which: fc.nat(sound.length - 1),
    cut: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 4, nil: 1 }),
    changes: fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), { maxLength: 60 }),
    heads: fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 6 }),
  });
  fc.assert(
    fc.property(change, ({ which, cut, changes, heads }) => {
      const [path, before] = sound[which]!;
      const bytes = Buffer.from(before.subarray(0, Math.floor(before.length * (cut ?? 1))));
      for (const [at, value] of changes) bytes[Math.floor(at * bytes.length)] = value;
      for (const [at, value] of heads) if (at >= 16 && at < bytes.length) bytes[at] = value;
      const { packages } = scan({ [path]: bytes });
      assert.ok(packages.length < 1000);
    }),
    { seed: 20261122, numRuns: 400 },
  );
});

test('rows that all lie on one long chain are given up, however many there are', () => {
  const pageSize = 4096;
  const pages = 400;
  const tree = Buffer.alloc(pageSize * pages);
  const [cells, cell] = [1_000, 2_200];
  tree[100] = 13;
  tree.writeUInt16BE(cells, 103);
  for (let index = 0; index < cells; index++) tree.writeUInt16BE(cell, 108 + index * 2);
  // A row of nearly all pages, which begins here and goes on from page 2.
  const local = Math.floor(((pageSize - 12) * 32) / 255) - 23 + 100;
  const total = local + (pages - 4) * (pageSize - 4);
  tree.set([0x80 | (total >>> 14), 0x80 | ((total >>> 7) & 0x7f), total & 0x7f, 1], cell);
  tree.writeUInt32BE(2, cell + 4 + local);
  tree.write('SQLite format 3\0');
  tree.writeUInt16BE(pageSize, 16);
  // The chain ends one page too early: no row is whole.
  for (let page = 2; page < pages - 4; page++) tree.writeUInt32BE(page + 1, (page - 1) * pageSize);
  const files = scanned({ [places.sqlite]: tree });
  let read = 0;
  const counted = {
    ...files,
    read(path: string, offset: number, length: number) {
      const bytes = files.read(path, offset, length);
      read += bytes.length;
      return bytes;
    },
  };
  assert.is(rpmSqliteBlobs(createByteWindow(counted, places.sqlite, 64 << 20), undefined), undefined);
  assert.ok(read < tree.length * 32, `${read} bytes were read`);
});

test('loops of pages end', () => {
  const bytes = bdbDatabase([bash]);
  // The chain of the large value leads back to its first page, and says that it is very long.
  bytes.writeUInt32LE(3, 3 * 4096 + 16);
  bytes.writeUInt32LE(3, 4 * 4096 + 16);
  assert.is(scan({ [places.bdb]: bytes }).packages.length <= 1, true);
  const tree = Buffer.alloc(4096 * 3);
  tree.write('SQLite format 3\0');
  tree.writeUInt16BE(4096, 16);
  tree[100] = 5;
  tree.writeUInt16BE(2, 103);
  tree.writeUInt32BE(1, 108);
  tree.writeUInt16BE(200, 112);
  tree.writeUInt16BE(300, 114);
  tree.writeUInt32BE(1, 200);
  tree.writeUInt32BE(2, 300);
  assert.equal(scan({ [places.sqlite]: tree }).unread, ['rpm packages']);
});

test.run();
