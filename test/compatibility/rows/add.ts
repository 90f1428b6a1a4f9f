// Rows: ADD.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Section } from '../row.ts';
import { servedTime } from '../served-time.ts';
import { tarOf } from '../tar-of.ts';

const tar = tarOf({ 'in/x.txt': 'x' });
const packed = (command: string) => (): Buffer => execFileSync(command, ['-c'], { input: tar });
const sum = createHash('sha256').update('hello\n').digest('hex');

export const add: Section = {
  slug: 'add',
  title: 'ADD',
  rows: [
    {
      slug: 'add-tar',
      what: 'Tars of the context are extracted: plain, gzip, bzip2, xz, zstd, found by their content',
      status: 'yes',
      note: 'A `..` in a name stays inside the destination; names that begin with `.wh.`, which no layer can hold, are an error. A link of the image below the destination is followed from the root of the image; BuildKit takes the destination for the root',
      probes: [
        {
          dockerfile: 'FROM scratch\nADD one /a/\nADD two.bin /b/\n',
          files: { one: tar, 'two.bin': gzipSync(tar) },
          tree: { '/a/in/x.txt': 'x', '/b/in/x.txt': 'x' },
        },
        {
          needs: ['xz', 'bzip2', 'zstd'],
          dockerfile: 'FROM scratch\nADD bz /a/\nADD xz /b/\nADD zst /c/\n',
          files: { bz: packed('bzip2'), xz: packed('xz'), zst: packed('zstd') },
          tree: { '/a/in/x.txt': 'x', '/b/in/x.txt': 'x', '/c/in/x.txt': 'x' },
        },
      ],
    },
    {
      slug: 'add-url',
      what: '`ADD https://…`: mode 0600, the time of Last-Modified, not extracted; asked again whether it changed',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nADD {http}/hello.txt /\nADD {http}/a.tar.gz /t/\n',
          tree: {
            '/hello.txt': { content: 'hello\n', mode: 0o600, mtime: servedTime },
            '/t/a.tar.gz': {},
            '/t/a.txt': false,
          },
        },
      ],
    },
    {
      slug: 'add-git',
      what: '`ADD` a Git repository, with `#ref:folder` or `?ref=…&subdir=…`',
      status: 'yes',
      probes: [
        {
          needs: ['git'],
          dockerfile: 'FROM scratch\nADD {git}#main:sub /a/\nADD {git}?branch=main&subdir=sub /b/\n',
          tree: { '/a/inner.txt': 'inner\n', '/b/inner.txt': 'inner\n', '/a/.git': false },
        },
      ],
    },
    {
      slug: 'add-keep-git-dir',
      what: '`--keep-git-dir`',
      status: 'yes',
      probes: [
        {
          needs: ['git'],
          dockerfile: 'FROM scratch\nADD --keep-git-dir {git}#main /a/\n',
          tree: { '/a/.git/HEAD': {} },
        },
      ],
    },
    {
      slug: 'add-checksum',
      what: '`--checksum=` of a URL, and of a Git commit',
      status: 'yes',
      probes: [
        {
          dockerfile: `FROM scratch\nADD --checksum=sha256:${sum} {http}/hello.txt /\n`,
          tree: { '/hello.txt': 'hello\n' },
        },
        {
          dockerfile: `FROM scratch\nADD --checksum=sha256:${'0'.repeat(64)} {http}/hello.txt /\n`,
          fails: sum,
        },
        {
          needs: ['git'],
          dockerfile: 'FROM scratch\nADD --checksum=0123456 {git}#main /a/\n',
          fails: '0123456',
        },
      ],
    },
    {
      slug: 'add-flags',
      what: '`--chmod`, `--chown`, `--link` and `--exclude`, as of COPY',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nADD --link --chmod=640 --chown=1:2 --exclude=b . /x/\n',
          files: { a: 'a', b: 'b' },
          tree: { '/x/a': { mode: 0o640, uid: 1, gid: 2 }, '/x/b': false },
        },
      ],
    },
    {
      slug: 'add-unpack',
      what: '`--unpack`: extract what comes from a URL, too; `--unpack=false`: extract nothing',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nADD --unpack {http}/a.tar.gz /a/\nADD --unpack=false t.tar /b/\n',
          files: { 't.tar': tar },
          tree: { '/a/a.txt': 'a\n', '/b/t.tar': {}, '/b/in/x.txt': false },
        },
      ],
    },
    {
      slug: 'add-http-secrets',
      what: 'Logins for ADD as the secrets `HTTP_AUTH_TOKEN_host`, `HTTP_AUTH_HEADER_host`, `GIT_AUTH_TOKEN` and `GIT_AUTH_HEADER`',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nADD {http}/private.txt /\n',
          flags: ['--secret=id=HTTP_AUTH_TOKEN_127.0.0.1,env=TOKEN'],
          env: { TOKEN: 'open' },
          tree: { '/private.txt': 'private\n' },
        },
        {
          dockerfile: 'FROM scratch\nADD {http}/private.txt /\nLABEL header=1\n',
          flags: ['--secret=id=HTTP_AUTH_HEADER_127.0.0.1,env=HEADER', '--no-cache'],
          env: { HEADER: 'Bearer open' },
          tree: { '/private.txt': 'private\n' },
        },
      ],
    },
  ],
};
