// Rows: build contexts and ignore files.
import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import type { Probe, Section } from '../row.ts';
import { tarOf } from '../tar-of.ts';

const tar = tarOf({ Dockerfile: 'FROM scratch\nCOPY a /\n', a: 'x' });
const pipe = (name: string): Buffer => execFileSync(name, ['-c'], { input: tar });
const all = 'FROM scratch\nCOPY . /\n';

export const contexts: Section = {
  slug: 'contexts',
  title: 'Build contexts and ignore files',
  rows: [
    {
      slug: 'context-folder',
      what: 'A folder',
      status: 'yes',
      note: 'Read in place: nothing is sent anywhere',
      probes: [{ dockerfile: all, files: { 'd/a': 'x' }, tree: { '/d/a': 'x' } }],
    },
    {
      slug: 'context-tar',
      what: '`-`: a tar on standard input, plain or gzip, bzip2, xz, zstd',
      status: 'yes',
      probes: [
        { context: '-', stdin: tar, tree: { '/a': 'x' } },
        { context: '-', stdin: gzipSync(tar), tree: { '/a': 'x' } },
        ...(['xz', 'bzip2', 'zstd'] as const).map(
          (name): Probe => ({ needs: [name], context: '-', stdin: () => pipe(name), tree: { '/a': 'x' } }),
        ),
      ],
    },
    {
      slug: 'context-dockerfile-on-stdin',
      what: '`-`: a Dockerfile on standard input, without a context',
      status: 'yes',
      probes: [
        { context: '-', stdin: 'FROM scratch\nLABEL a=1\n', config: { config: { Labels: { a: '1' } } } },
        { context: '-', stdin: 'FROM scratch\nCOPY a /\n', fails: /COPY a/ },
      ],
    },
    {
      slug: 'dockerfile-on-stdin',
      what: '`-f -` with a folder',
      status: 'yes',
      probes: [
        { flags: ['-f', '-'], stdin: all, files: { a: 'x' }, tree: { '/a': 'x' } },
        { flags: ['-f', '-'], context: '-', stdin: all, fails: 'standard input' },
      ],
    },
    {
      slug: 'dockerfile-elsewhere',
      what: '`-f` a path outside of the context; without it `Dockerfile` or `dockerfile`',
      status: 'yes',
      probes: [
        {
          flags: ['-f', '../other'],
          files: { a: 'x', '../other': all },
          tree: { '/a': 'x', '/other': false },
        },
        { files: { dockerfile: 'FROM scratch\nLABEL a=1\n' }, config: { config: { Labels: { a: '1' } } } },
      ],
    },
    {
      slug: 'containerfile',
      what: 'Buildah: `Containerfile` is found without `-f`',
      status: 'yes',
      probes: [
        { files: { Containerfile: 'FROM scratch\nLABEL a=1\n' }, config: { config: { Labels: { a: '1' } } } },
      ],
    },
    {
      slug: 'dockerfile-url',
      what: '`-f` a URL',
      status: 'yes',
      probes: [{ flags: ['-f', '{http}/Dockerfile'], config: { config: { Labels: { from: 'url' } } } }],
    },
    {
      slug: 'context-url',
      what: 'An HTTP URL: an archive, or a Dockerfile',
      status: 'yes',
      probes: [
        { context: '{http}/a.tar.gz', tree: { '/a.txt': 'a\n' } },
        { context: '{http}/Dockerfile', config: { config: { Labels: { from: 'url' } } } },
      ],
    },
    {
      slug: 'context-git',
      what: 'A Git URL, with `#ref:folder` or `?ref=…&subdir=…`',
      status: 'yes',
      probes: [
        {
          needs: ['git'],
          context: '{git}#main:sub',
          tree: { '/inner.txt': 'inner\n' },
          config: { config: { Labels: { sub: '1' } } },
        },
        {
          needs: ['git'],
          context: '{git}?branch=main',
          tree: { '/sub/inner.txt': 'inner\n', '/.git': false },
        },
      ],
    },
    {
      slug: 'remote-contexts-not-ignored',
      what: '`.dockerignore` is not applied to Git and HTTP contexts',
      status: 'yes',
      probes: [{ needs: ['git'], context: '{git}', tree: { '/hello.txt': 'hello\n' } }],
    },
    {
      slug: 'context-buckets',
      what: 'Kaniko: `s3://`, `gs://` and Azure contexts',
      status: 'no',
      probes: [
        { context: 's3://bucket/context.tar.gz', refused: true },
        { context: 'gs://bucket/context.tar.gz', refused: true },
      ],
    },
    {
      slug: 'named-context-folder',
      what: '`--build-context name=FOLDER`, for FROM, `--from` and mounts; its own `.dockerignore` counts',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nCOPY --from=other . /\n',
          files: { 'o/a': 'a', 'o/b': 'b', 'o/.dockerignore': 'b\n' },
          flags: ['--build-context=other=o'],
          tree: { '/a': 'a', '/b': false },
        },
        {
          dockerfile: 'FROM other\nLABEL a=1\n',
          files: { 'o/a': 'a' },
          flags: ['--build-context=other=o'],
          tree: { '/a': 'a' },
        },
      ],
    },
    {
      slug: 'named-context-image',
      what: '… `docker-image://REF`',
      status: 'yes',
      probes: [
        {
          needs: ['registry'],
          dockerfile: 'FROM other\n',
          files: { 'o/Dockerfile': 'FROM scratch\nCOPY Dockerfile /o\n' },
          before: [['build', '--push', '-t', '{registry}/o:1', 'o']],
          flags: ['--build-context=other=docker-image://{registry}/o:1'],
          tree: { '/o': {} },
        },
      ],
    },
    {
      slug: 'named-context-buildah-image',
      what: 'Buildah: … `container-image://REF` and `docker://REF`',
      status: 'no',
      probes: [
        {
          dockerfile: 'FROM other\n',
          flags: ['--build-context=other=container-image://alpine'],
          refused: true,
        },
        { dockerfile: 'FROM other\n', flags: ['--build-context=other=docker://alpine'], refused: true },
      ],
    },
    {
      slug: 'named-context-layout',
      what: '… `oci-layout://PATH[:tag][@digest]`',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM other\n',
          flags: ['--build-context=other=oci-layout://{base}'],
          config: { config: { Cmd: ['sh'] } },
        },
        {
          dockerfile: 'FROM other\n',
          flags: ['--build-context=other=oci-layout://{base}:none'],
          fails: /none/,
        },
      ],
    },
    {
      slug: 'named-context-remote',
      what: '… a Git or an HTTP URL',
      status: 'yes',
      probes: [
        {
          needs: ['git'],
          dockerfile: 'FROM scratch\nCOPY --from=o sub /\n',
          flags: ['--build-context=o={git}#main'],
          tree: { '/inner.txt': 'inner\n' },
        },
        {
          dockerfile: 'FROM scratch\nCOPY --from=o . /\n',
          flags: ['--build-context=o={http}/a.tar.gz'],
          tree: { '/a.txt': 'a\n' },
        },
      ],
    },
    {
      slug: 'named-context-target',
      what: '… `target:NAME`, in bake files',
      status: 'yes',
      probes: [
        {
          files: {
            'docker-bake.json': JSON.stringify({
              target: {
                default: {
                  contexts: { lower: 'target:low' },
                  'dockerfile-inline': 'FROM lower\nLABEL b=2\n',
                  output: ['type=oci,tar=false,dest=../image'],
                },
                low: { 'dockerfile-inline': 'FROM scratch\nLABEL a=1\n' },
              },
            }),
          },
          argv: ['bake'],
          config: { config: { Labels: { a: '1', b: '2' } } },
        },
        { dockerfile: 'FROM other\n', flags: ['--build-context=other=target:x'], refused: true },
      ],
    },
    {
      slug: 'named-context-input',
      what: '… `input:NAME`',
      status: 'no',
      probes: [{ dockerfile: 'FROM other\n', flags: ['--build-context=other=input:x'], refused: true }],
    },
    {
      slug: 'dockerignore',
      what: '`.dockerignore`: comments, `**`, `!`; the last match counts; a folder that is left out may have parts taken in',
      status: 'yes',
      probes: [
        {
          dockerfile: all,
          files: {
            '.dockerignore': '# no\n/d\n!d/keep\n**/*.log\n  d/../e  \n!e/x\ne/x/y\n',
            'd/a': '',
            'd/keep': 'k',
            'p/q/r.log': '',
            'e/b': '',
            'e/x/z': 'z',
            'e/x/y': '',
          },
          tree: {
            '/d/a': false,
            '/d/keep': 'k',
            '/p/q/r.log': false,
            '/e/b': false,
            '/e/x/z': 'z',
            '/e/x/y': false,
          },
        },
      ],
    },
    {
      slug: 'dockerignore-per-dockerfile',
      what: '`NAME.dockerignore` beside the Dockerfile takes the place of `.dockerignore`',
      status: 'yes',
      probes: [
        {
          flags: ['-f', 'my'],
          files: { my: all, 'my.dockerignore': 'a\n', '.dockerignore': 'b\n', a: '', b: 'b' },
          tree: { '/a': false, '/b': 'b' },
        },
      ],
    },
    {
      slug: 'containerignore',
      what: 'Buildah: `.containerignore`',
      status: 'yes',
      note: 'Where there is no `.dockerignore`; Buildah prefers it',
      probes: [
        {
          dockerfile: all,
          files: { '.containerignore': 'a\n', a: 'a', b: 'b' },
          tree: { '/a': false, '/b': 'b' },
        },
      ],
    },
    {
      slug: 'ignorefile-flag',
      what: 'Buildah: `--ignorefile`',
      status: 'no',
      probes: [{ dockerfile: all, flags: ['--ignorefile=other'], refused: true }],
    },
    {
      slug: 'dockerfile-ignored',
      what: 'The Dockerfile and `.dockerignore` may be left out themselves: they are still read, COPY does not see them',
      status: 'yes',
      probes: [
        {
          dockerfile: all,
          files: { '.dockerignore': 'Dockerfile\n.dockerignore\n', a: 'a' },
          tree: { '/a': 'a', '/Dockerfile': false, '/.dockerignore': false },
        },
      ],
    },
    {
      slug: 'dockerignore-pruning',
      what: 'Folders that are left out are not walked, with `!` patterns, too',
      status: 'yes',
      unproven: 'it shows in the time alone',
    },
    {
      slug: 'context-listing',
      what: 'A listing of the context: which pattern decides, which step reads what, what no step reads',
      status: 'yes',
      note: '`slipway context`, which also writes a `.dockerignore` and keeps budgets: [context.md](context.md)',
      probes: [
        {
          dockerfile: 'FROM scratch\nCOPY a /\n',
          files: { a: 'x', b: 'x', c: 'x', '.dockerignore': 'c\n' },
          argv: ['context', '--why=a', '--why=b', '--why=c'],
          stdout:
            /^a: kept: no pattern; read by Dockerfile:2 .*\nb: kept: no pattern; no step reads it\nc: left out by \.dockerignore:1:c\n$/,
        },
        {
          dockerfile: 'FROM scratch\nCOPY a /\n',
          files: { a: 'x', b: 'x'.repeat(2000) },
          argv: ['context', '--budget', 'unused=1kB'],
          code: 4,
          stderr: 'over its budget',
        },
      ],
    },
  ],
};
