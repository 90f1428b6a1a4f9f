// Databases of packages in an image, as the scanner of SBOMs reads them, and other files of an image that are looked into.
import { scanTree } from '../../../src/attest/sbom/scan.ts';
import { spdxDocument } from '../../../src/attest/sbom/spdx-document.ts';
import { machineOf } from '../../../src/runtime/program-format.ts';
import { createKeyAgent } from '../../../src/ssh/agent.ts';
import { readMessages } from '../../../src/ssh/messages.ts';
import { bdbDatabase, ndbDatabase, rpmHeader } from '../../attest/rpm-databases.ts';
import { goBinary, scanned } from '../../attest/scanned-tree.ts';
import { pieces } from '../../layer/tar-build.ts';
import { type FuzzTarget, must, texts } from '../fuzz-target.ts';
import { sqliteDatabase } from './sqlite-database.ts';

const signal = new AbortController().signal;

function scan(entries: Record<string, string | Buffer>, executables: readonly string[] = []): void {
  const files = scanned(entries, executables);
  const found = scanTree(files, signal);
  const document = spdxDocument(found, files, {
    name: 'x',
    created: '2026-01-01T00:00:00Z',
    tool: 'x',
  } as never);
  must(JSON.stringify(document).length < 64 << 20, 'the document is endless');
}

const status = `Package: a\nStatus: install ok installed\nVersion: 1:2-3\nArchitecture: amd64\nSource: b (4)\nMaintainer: X <x@example.com>\nDescription: x\n y\n\nPackage: c\nVersion: 1\n\n`;
const installed =
  'P:musl\nV:1.2-r0\nA:x86_64\nL:MIT\no:musl\nm:X <x@example.com>\nU:https://example.com\n\nP:b\nV:2\n\n';
const manifest =
  '{"name":"@a/b","version":"1.0.0","license":"MIT","licenses":[{"type":"ISC"}],"homepage":"x"}';
const metadata =
  'Metadata-Version: 2.1\nName: A_b\nVersion: 1\nLicense: MIT\nClassifier: License :: OSI Approved :: MIT License\n\ntext\n';
const release = 'ID="debian"\nVERSION_ID=12\nPRETTY_NAME="x \\"y\\""\n';
const copyright = 'Format: https://x\n\nFiles: *\nLicense: GPL-2+ and BSD-3-clause\n';

const texted: FuzzTarget = {
  name: 'packages',
  corpus: () => texts(status, installed, manifest, metadata, release, copyright),
  words: [
    '\n',
    '\n\n',
    ':',
    ': ',
    ' ',
    '\t',
    '"',
    '\\',
    '\ud800',
    '__proto__',
    'Package: ',
    'Version: 1\n',
    'P:',
    'V:',
    '(',
    '{',
    '[',
    ' OR ',
    '\u202e',
    '\0',
  ],
  run(input) {
    scan({
      ...{ '/etc/os-release': input, '/var/lib/dpkg/status': input, '/lib/apk/db/installed': input },
      ...{ '/x/node_modules/@a/b/package.json': input, '/x/a.dist-info/METADATA': input },
      '/usr/share/doc/a/copyright': input,
    });
  },
};

const header = rpmHeader({
  1000: 'bash',
  1001: '5.1',
  1002: '9',
  1003: 2,
  1014: 'GPLv3+',
  1022: 'x86_64',
  1044: 'b.src.rpm',
  1005: 'x'.repeat(5000),
});
const small = rpmHeader({ 1000: 'a', 1001: '1', 1002: '2' });

const rpm: FuzzTarget = {
  name: 'rpm',
  corpus: () => [ndbDatabase([header, small]), bdbDatabase([header, small]), sqliteDatabase([header, small])],
  words: [
    'Slot',
    'BlbS',
    'SQLite format 3\0',
    '\0\0\0\0',
    '\xff\xff\xff\xff',
    '\0\0\x10\0',
    '\x05',
    '\x0d',
    'tablePackagesPackages',
  ],
  run(input) {
    scan({
      '/var/lib/rpm/rpmdb.sqlite': input,
      '/var/lib/rpm/Packages.db': input,
      '/var/lib/rpm/Packages': input,
      '/var/lib/rpm/rpmdb.sqlite-wal': input,
    });
  },
};

const programs: FuzzTarget = {
  name: 'program',
  corpus: () => [
    goBinary('go1.22.1', 'mod\tx\tv1\th\ndep\tgithub.com/a/b\tv1.2.3\th1:x\n=>\tc\tv2\th\n').subarray(
      0,
      2000,
    ),
  ],
  words: [
    '\x7fELF',
    '\xff Go buildinf:',
    '\0\0\0\0',
    '\xff\xff\xff\xff',
    'dep\t',
    '=>\t',
    '\x80\x80\x80\x80',
  ],
  run(input) {
    machineOf(input.subarray(0, 256));
    const whole = Buffer.concat([input, Buffer.alloc(Math.max(0, (256 << 10) - input.length))]);
    scan({ '/bin/x': whole }, ['/bin/x']);
  },
};

/** What a step may say to the agent at its socket. */
const agent: FuzzTarget = {
  name: 'agent',
  corpus: () => [
    Buffer.from([0, 0, 0, 1, 11]),
    Buffer.from([
      0, 0, 0, 21, 13, 0, 0, 0, 4, 1, 2, 3, 4, 0, 0, 0, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 1, 11,
    ]),
  ],
  words: ['\0\0\0\x01', '\x0b', '\x0d', '\x1b', '\0\0\0\0', '\0\x04\0\0'],
  async run(input) {
    const conversation = createKeyAgent([])();
    for await (const message of readMessages(pieces(input, 7))) await conversation.ask(message);
    conversation.close();
  },
};

export const packageTargets: FuzzTarget[] = [texted, rpm, programs, agent];
