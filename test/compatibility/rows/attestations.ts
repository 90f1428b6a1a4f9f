// Rows: attestations, annotations, same bytes every time.
import * as assert from 'uvu/assert';
import type { Probe, Section } from '../row.ts';

const dockerfile = 'FROM scratch\nCOPY f /\n';
const files = { f: 'x' };
const built = (flags: string[], rest: Partial<Probe> = {}): Probe => ({ dockerfile, files, flags, ...rest });

export const attestations: Section = {
  slug: 'attestations',
  title: 'Attestations, annotations, reproducibility',
  rows: [
    {
      slug: 'provenance',
      what: 'Provenance: `mode=min|max`, `builder-id`, `filename`, `reproducible`, `inline-only`, `version=v1|v0.2`, `disabled`',
      status: 'yes',
      note: 'Off unless asked for',
      probes: [
        built(
          [
            '--provenance=mode=max,builder-id=https://ci.example.com,filename=p.json,version=v0.2,reproducible=true',
            '--output=../out',
          ],
          {
            wrote: { 'out/p.json': /slsa\.dev\/provenance\/v0\.2[\s\S]*ci\.example\.com/ },
          },
        ),
      ],
    },
    {
      slug: 'sbom',
      what: 'SBOM as SPDX, by a built-in scanner',
      status: 'yes',
      note: 'apk, dpkg, rpm, npm, Python, Go: see [attestations](attestations.md)',
      probes: [
        {
          dockerfile: 'FROM scratch\nCOPY installed /lib/apk/db/\n',
          files: { installed: 'P:musl\nV:1.2\nA:x86_64\nL:MIT\n\n' },
          flags: ['--sbom=true', '--output=../out'],
          wrote: { 'out/sbom.spdx.json': 'pkg:apk' },
        },
      ],
    },
    {
      slug: 'sbom-generator',
      what: 'SBOM by another scanner: `generator=IMAGE`',
      status: 'no',
      probes: [built(['--sbom=generator=example.com/scanner'], { refused: true })],
    },
    {
      slug: 'sbom-buildah',
      what: "Buildah's `--sbom-*` flags",
      status: 'no',
      probes: [
        built(['--sbom-output=x'], { refused: true }),
        built(['--sbom-scanner-command=x'], { refused: true }),
      ],
    },
    {
      slug: 'attestation-manifests',
      what: 'Attestations lie in the index, as BuildKit stores them',
      status: 'yes',
      probes: [
        built(['--provenance=true', '--output=type=oci,dest=../i.tar'], {
          wrote: { 'i.tar': /"vnd\.docker\.reference\.type":"attestation-manifest"/ },
        }),
      ],
    },
    {
      slug: 'attestation-files',
      what: 'Attestations beside files: `provenance.json`, `sbom.spdx.json`, with a prefix, and in the folder of each platform',
      status: 'yes',
      probes: [
        built(
          [
            '--provenance=true',
            '--output=type=local,dest=../out,attestation-prefix=a-',
            '--platform=linux/amd64,linux/arm64',
          ],
          {
            wrote: {
              'out/linux_arm64/a-provenance.json': 'slsa',
              'out/linux_amd64/a-provenance.json': 'slsa',
            },
          },
        ),
      ],
    },
    {
      slug: 'signing',
      what: 'Signing: `--sign-by`',
      status: 'no',
      probes: [built(['--sign-by=x'], { refused: true })],
    },
    {
      slug: 'annotation-levels',
      what: 'Annotations of manifest, index and both descriptors, of each platform',
      status: 'yes',
      probes: [
        built(
          [
            '--platform=linux/amd64,linux/arm64',
            '--annotation=index:i=1',
            '--annotation=manifest[linux/arm64]:m=2',
            '--annotation=index-descriptor:d=3',
            '--output=type=oci,tar=false,dest=../image',
          ],
          {
            see: async ({ image }) => {
              assert.is((await image('linux/arm64')).manifest.annotations?.['m'], '2');
              const { manifest, index } = await image('linux/amd64');
              assert.not(manifest.annotations?.['m']);
              assert.is(index.manifests[0]?.annotations?.['d'], '3');
            },
          },
        ),
      ],
    },
    {
      slug: 'source-date-epoch',
      what: '`SOURCE_DATE_EPOCH` as a number: times of config, history, and of exported files',
      status: 'yes',
      probes: [built(['--build-arg=SOURCE_DATE_EPOCH=60'], { config: { created: '1970-01-01T00:01:00Z' } })],
    },
    {
      slug: 'source-date-epoch-context',
      what: '`SOURCE_DATE_EPOCH=context`, and a global `ARG SOURCE_DATE_EPOCH=…`',
      status: 'yes',
      probes: [
        {
          dockerfile: 'ARG SOURCE_DATE_EPOCH=60\nFROM scratch\nCOPY f /\n',
          files,
          config: { created: '1970-01-01T00:01:00Z' },
        },
        {
          needs: ['git'],
          context: '{git}',
          flags: ['--build-arg=SOURCE_DATE_EPOCH=context'],
          config: { created: '2020-01-02T03:04:05Z' },
        },
      ],
    },
    {
      slug: 'git-mtime',
      what: 'Files of a Git context have the time of the commit where an epoch is set, or with `?mtime=commit`',
      status: 'yes',
      probes: [
        { needs: ['git'], context: '{git}?mtime=commit', tree: { '/hello.txt': { mtime: 1577934245 } } },
        {
          needs: ['git'],
          context: '{git}',
          flags: ['--build-arg=SOURCE_DATE_EPOCH=60'],
          tree: { '/hello.txt': { mtime: 1577934245 } },
        },
      ],
    },
    {
      slug: 'reproducible-flag',
      what: 'Kaniko: `--reproducible`',
      status: 'no',
      probes: [built(['--reproducible'], { refused: true })],
    },
    {
      slug: 'same-bytes',
      what: 'Layers are the same bytes, however many cores compress them',
      status: 'yes',
      probes: [
        built(
          [
            '--no-cache',
            '--jobs=1',
            '--build-arg=SOURCE_DATE_EPOCH=60',
            '--output=type=oci,tar=false,dest=../image,rewrite-timestamp=true',
          ],
          {
            before: [
              [
                'build',
                '--no-cache',
                '--jobs=4',
                '--build-arg=SOURCE_DATE_EPOCH=60',
                '--output=type=oci,tar=false,dest=../first,rewrite-timestamp=true',
                '.',
              ],
            ],
            see: async ({ json }) =>
              assert.equal(await json('image/index.json'), await json('first/index.json')),
          },
        ),
      ],
    },
    {
      slug: 'source-policy',
      what: "BuildKit's source policies, rules that allow, deny or convert what is fetched: `EXPERIMENTAL_BUILDKIT_SOURCE_POLICY`, Buildah's `--source-policy-file`",
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM denied.example.com/a\n',
          files: {
            'policy.json':
              '{"rules": [{"action": "DENY", "selector": {"identifier": "docker-image://denied.example.com/*"}}]}',
          },
          flags: ['--source-policy-file=policy.json'],
          fails: 'policy',
        },
      ],
    },

    {
      slug: 'proxy-network',
      what: '`--proxy-network`: a proxy that notes what RUN fetches',
      status: 'no',
      probes: [built(['--proxy-network'], { refused: true })],
    },
  ],
};
