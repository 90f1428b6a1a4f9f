// Packages are found by what package managers leave in a tree, and nothing that stands there makes a scan fail.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scanTree } from '../../src/attest/sbom/scan.ts';
import { spdxDocument } from '../../src/attest/sbom/spdx-document.ts';
import { goBinary, scanned } from './scanned-tree.ts';

const signal = new AbortController().signal;
const options = { name: 'app', created: '2024-01-01T00:00:00Z', tool: 'slipway-1' };
const debian = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n';

function purls(entries: Record<string, string | Buffer>, executables?: string[]): string[] {
  return scanTree(scanned(entries, executables), signal).packages.map(({ purl }) => purl);
}

const test = suite('attest/scan');

test('dpkg: installed packages with distribution, architecture and source', () => {
  const status = `Package: libc6
Status: install ok installed
Architecture: amd64
Source: glibc (2.36-9)
Version: 2.36-9+deb12u4
Description: GNU C Library
 more of it
 .
Maintainer: GNU Libc Maintainers <debian-glibc@lists.debian.org>
Homepage: https://www.gnu.org/software/libc/libc.html

Package: gone
Status: deinstall ok config-files
Version: 1

Package: tzdata
Status: install ok installed
Version: 1:2024a-0~x
`;
  assert.equal(purls({ '/var/lib/dpkg/status': status, '/etc/os-release': debian }), [
    'pkg:deb/debian/libc6@2.36-9%2Bdeb12u4?arch=amd64&distro=debian-12&upstream=glibc%402.36-9',
    'pkg:deb/debian/tzdata@1:2024a-0~x?distro=debian-12',
  ]);
});

test('dpkg: the status.d files of distroless images, and machine-readable copyright files', () => {
  const { packages } = scanTree(
    scanned({
      '/var/lib/dpkg/status.d/base': 'Package: base-files\nVersion: 12\n',
      '/var/lib/dpkg/status.d/base.md5sums': 'Package: no\nVersion: 1\n',
      '/usr/share/doc/base-files/copyright':
        'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: GPL-2+\n text\n\nFiles: x\nLicense: Expat\n',
    }),
    signal,
  );
  assert.equal(
    packages.map(({ name, license }) => [name, license]),
    [['base-files', 'GPL-2.0-or-later; MIT']],
  );
});

test('apk: packages in /lib and in the merged /usr/lib', () => {
  const installed =
    'C:Q1abc=\nP:busybox\nV:1.36.1-r15\nA:x86_64\nT:many\nU:https://busybox.net/\nL:GPL-2.0-only\no:busybox\nm:A B <a@b.c>\nF:bin\nR:busybox\n\nP:musl\nV:1.2.4-r2\nL:MIT\n\n';
  const release = 'ID=alpine\nVERSION_ID=3.19.0\n';
  const wanted = [
    'pkg:apk/alpine/busybox@1.36.1-r15?arch=x86_64&distro=alpine-3.19.0&upstream=busybox',
    'pkg:apk/alpine/musl@1.2.4-r2?distro=alpine-3.19.0',
  ];
  assert.equal(purls({ '/lib/apk/db/installed': installed, '/etc/os-release': release }), wanted);
  assert.equal(purls({ '/usr/lib/apk/db/installed': installed, '/usr/lib/os-release': release }), wanted);
});

test('npm: whatever stands in node_modules, scoped and nested, and no other package.json', () => {
  const manifest = (name: string): string => JSON.stringify({ name, version: '1.0.0' });
  assert.equal(
    purls({
      '/app/package.json': manifest('app'),
      '/app/node_modules/a/package.json': manifest('a'),
      '/app/node_modules/@s/b/package.json': manifest('@s/b'),
      '/app/node_modules/a/node_modules/c/package.json': manifest('c'),
      '/app/node_modules/a/lib/package.json': manifest('inner'),
      '/app/node_modules/d/package.json': '{"name": "d"}',
      '/app/node_modules/e/package.json': 'null',
    }),
    ['pkg:npm/%40s/b@1.0.0', 'pkg:npm/a@1.0.0', 'pkg:npm/c@1.0.0'],
  );
});

test('pip: names in their normal form', () => {
  const metadata =
    'Metadata-Version: 2.1\nName: Foo.Bar_baz\nVersion: 2.0\nLicense: MIT\n\nName: not this\nVersion: 9\n';
  const lib = '/usr/lib/python3/dist-packages';
  assert.equal(
    purls({
      [`${lib}/Foo.Bar_baz-2.0.dist-info/METADATA`]: metadata,
      [`${lib}/old-1.egg-info/PKG-INFO`]: 'Name: old\nVersion: 1\n',
    }),
    ['pkg:pypi/foo-bar-baz@2.0', 'pkg:pypi/old@1'],
  );
});

test('go: the modules of a program, with what replaces them', () => {
  const modules =
    'path\texample.com/app\nmod\texample.com/app\t(devel)\t\ndep\tgithub.com/a/b\tv1.2.3\th1:x\ndep\tgithub.com/c/d\tv1.0.0\n=>\tgithub.com/e/f\tv2.0.0+incompatible\th1:y\nbuild\t-compiler=gc\n';
  const wanted = [
    'pkg:golang/example.com/app',
    'pkg:golang/github.com/a/b@v1.2.3',
    'pkg:golang/github.com/e/f@v2.0.0%2Bincompatible',
    'pkg:golang/stdlib@1.22.1',
  ];
  const binary = goBinary('go1.22.1', modules);
  assert.equal(purls({ '/app': binary }, ['/app']), wanted);
  assert.equal(purls({ '/app': binary }), [], 'no program');
});

test('a database that is meant to fill the memory is read up to a limit', () => {
  const text = Array.from({ length: 100_100 }, (_, i) => `P:p${i}\nV:1\n\n`).join('');
  const { packages, unread } = scanTree(scanned({ '/lib/apk/db/installed': text }), signal);
  assert.equal([packages.length, unread], [100_000, ['more than 100000 packages']]);
});

test('a document holds packages, licenses, evidence, and the same bytes for the same tree', () => {
  const entries = {
    '/etc/os-release': debian,
    '/n/node_modules/a/package.json':
      '{"name":"a","version":"1","license":"MIT","homepage":"https://a.test"}',
    '/n/node_modules/b/package.json': '{"name":"b","version":"1","license":"SEE LICENSE IN x"}',
    '/n/node_modules/c/package.json':
      '{"name":"c","version":"1","licenses":[{"type":"MIT"},{"type":"Apache-2.0"}]}',
  };
  const make = () => {
    const files = scanned(entries);
    return spdxDocument(scanTree(files, signal), files, options);
  };
  const document = make();
  assert.is(JSON.stringify(document), JSON.stringify(make()));
  assert.is(document.spdxVersion, 'SPDX-2.3');
  assert.equal(
    document.packages.map(({ name, licenseDeclared }) => [name, licenseDeclared]),
    [
      ['app', 'NOASSERTION'],
      ['debian', 'NOASSERTION'],
      ['a', 'MIT'],
      ['b', document.hasExtractedLicensingInfos?.[0]?.licenseId],
      ['c', '(MIT OR Apache-2.0)'],
    ],
  );
  assert.match(document.hasExtractedLicensingInfos?.[0]?.licenseId ?? '', /^LicenseRef-SEE-LICENSE-IN-x-/);
  assert.is(document.files.length, 3);
  assert.equal(
    document.files[0]?.checksums.map(({ checksumValue }) => checksumValue.length),
    [40, 64],
  );
  const ids = [...document.packages, ...document.files].map(({ SPDXID }) => SPDXID);
  assert.is(new Set(ids).size, ids.length);
  assert.ok(ids.every((id) => /^SPDXRef-[A-Za-z0-9.-]+$/.test(id)));
  for (const { spdxElementId, relatedSpdxElement } of document.relationships)
    assert.ok(
      [spdxElementId, relatedSpdxElement].every((id) => id === 'SPDXRef-DOCUMENT' || ids.includes(id)),
    );
  assert.match(document.documentNamespace, /^urn:uuid:[0-9a-f-]{36}$/);
});

const places = [
  ...['/etc/os-release', '/var/lib/dpkg/status', '/var/lib/dpkg/status.d/x', '/usr/share/doc/x/copyright'],
  ...['/lib/apk/db/installed', '/a/node_modules/x/package.json', '/p/x.dist-info/METADATA'],
];
const words = [
  ...['Package: x\n', 'Version: 1\n', 'Status: install ok installed\n', 'Source: (', ' more\n', '\n\n', '\n'],
  ...['P:x\n', 'V:1\n', 'L:((((MIT\n', 'ID=debian\n', 'ID="\n', 'Name: x\n', 'License: A OR\n', 'Format:\n'],
  ...[
    '{"name":"x","version":',
    '{"license":{"type":{}}}',
    '"',
    '{',
    '[',
    ']',
    '}',
    '\ud800',
    '\0',
    '%',
    '@/',
  ],
];

test('hostile package files never throw, and give a sound document', () => {
  const text = fc
    .array(fc.oneof(fc.constantFrom(...words), fc.string()), { maxLength: 12 })
    .map((all) => all.join(''));
  const tree = fc.uniqueArray(fc.tuple(fc.constantFrom(...places), text), { selector: ([path]) => path });
  fc.assert(
    fc.property(tree, (entries) => {
      const files = scanned(Object.fromEntries(entries));
      const document = spdxDocument(scanTree(files, signal), files, options);
      assert.ok(document.packages.every(({ SPDXID }) => /^SPDXRef-[A-Za-z0-9.-]+$/.test(SPDXID)));
    }),
    { numRuns: 300, seed: 7 },
  );
});

test('hostile programs never throw', () => {
  const whole = goBinary('go1.22.1', 'dep\tgithub.com/a/b\tv1.2.3\th1:x\n').subarray(0, 600);
  const edits = fc.array(fc.tuple(fc.nat(599), fc.nat(255)), { maxLength: 20 });
  fc.assert(
    fc.property(edits, fc.nat(600), (changes, length) => {
      const head = Buffer.from(whole);
      for (const [at, value] of changes) head[at] = value;
      const data = Buffer.concat([head.subarray(0, length), Buffer.alloc(300 << 10)]);
      scanTree(scanned({ '/app': data }, ['/app']), signal);
    }),
    { numRuns: 150, seed: 7 },
  );
});

test.run();
