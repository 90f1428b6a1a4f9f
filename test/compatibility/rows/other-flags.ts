// Rows: flags that only Buildah or Kaniko have.
import * as assert from 'uvu/assert';
import type { Outcome } from '../outcome.ts';
import type { Probe, Section } from '../row.ts';

const plain = 'FROM scratch\nLABEL a=1\n';
const files = { f: 'x' };
const copying = 'FROM scratch\nCOPY f /\n';
const flags = (...list: string[]): [Probe, ...Probe[]] =>
  list.map((flag): Probe => ({ dockerfile: plain, flags: [flag], refused: true })) as [Probe, ...Probe[]];

export const otherFlags: Section = {
  slug: 'other-flags',
  title: 'Flags of Buildah and Kaniko',
  rows: [
    {
      slug: 'cache-ttl',
      what: '`--cache-ttl`',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nWORKDIR /ttl\n',
          before: [['build', '-o', 'type=cacheonly', '.']],
          flags: ['--cache-ttl=0', '--progress=plain'],
          stderr: / 0 from the cache, 1 ran/,
        },
      ],
    },
    {
      slug: 'retry',
      what: '`--retry`, `--retry-delay`',
      status: 'yes',
      probes: [
        {
          needs: ['registry'],
          dockerfile: copying,
          files,
          flags: ['--retry=1', '--retry-delay=1s', '--push', '-t', '{registry}/retry:1'],
        },
      ],
    },
    {
      slug: 'retry-kaniko',
      what: 'Kaniko: `--push-retry`, `--image-download-retry`',
      status: 'no',
      probes: flags('--push-retry=3', '--image-download-retry=3'),
    },
    {
      slug: 'registry-mirror',
      what: '`--registry-mirror`, `--skip-default-registry-fallback`',
      status: 'yes',
      probes: [
        {
          needs: ['registry'],
          dockerfile: 'FROM missing.example.com/mirrored:1\n',
          files: { 'o/Dockerfile': 'FROM scratch\nCOPY Dockerfile /o\n' },
          before: [['build', '--push', '-t', '{registry}/mirrored:1', 'o']],
          flags: ['--registry-mirror=missing.example.com={registry}', '--skip-default-registry-fallback'],
          tree: { '/o': {} },
        },
      ],
    },
    {
      slug: 'registry-map',
      what: 'Kaniko: `--registry-map`',
      status: 'no',
      probes: flags('--registry-map=docker.io=mirror.example.com'),
    },
    {
      slug: 'registry-tls',
      what: '`--registry-certificate`, `--registry-client-cert`, `--cert-dir`, `--tls-verify`, `--insecure`',
      status: 'yes',
      note: '`--insecure`, too, names the registry',
      probes: [
        {
          needs: ['registry'],
          dockerfile: copying,
          files,
          flags: ['--push', '--insecure={registry}', '-t', '{registry}/tls:1'],
        },
        {
          needs: ['registry'],
          dockerfile: copying,
          files,
          flags: ['--push', '--tls-verify=false', '-t', '{registry}/tls:2'],
        },
      ],
    },
    {
      slug: 'registry-tls-kaniko',
      what: 'Kaniko: `--skip-tls-verify`, `--skip-tls-verify-pull`, `--skip-tls-verify-registry`, `--insecure-pull`',
      status: 'no',
      probes: flags(
        '--skip-tls-verify',
        '--skip-tls-verify-pull',
        '--skip-tls-verify-registry=registry.example.com',
        '--insecure-pull',
      ),
    },
    {
      slug: 'registry-login',
      what: '`--creds`, `--authfile`',
      status: 'yes',
      probes: [
        {
          needs: ['registry'],
          dockerfile: copying,
          files,
          flags: ['--push', '--creds=a:b', '-t', '{registry}/login:1'],
        },
        {
          needs: ['registry'],
          dockerfile: copying,
          files: { ...files, auth: '{"auths": {}}' },
          flags: ['--push', '--authfile=auth', '-t', '{registry}/login:2'],
        },
      ],
    },
    {
      slug: 'timestamp',
      what: '`--timestamp`',
      status: 'yes',
      probes: [
        {
          dockerfile: copying,
          files,
          flags: ['--timestamp=7'],
          config: { created: '1970-01-01T00:00:07Z' },
          tree: { '/f': { mtime: 7 } },
        },
      ],
    },
    {
      slug: 'source-date-epoch-flag',
      what: '`--source-date-epoch`, `--rewrite-timestamp`',
      status: 'yes',
      probes: [
        {
          dockerfile: copying,
          files,
          flags: ['--source-date-epoch=8', '--rewrite-timestamp'],
          config: { created: '1970-01-01T00:00:08Z' },
          tree: { '/f': { mtime: 8 } },
        },
      ],
    },
    {
      slug: 'omit-history',
      what: '`--omit-history`',
      status: 'yes',
      probes: [
        {
          dockerfile: plain,
          flags: ['--omit-history'],
          see: async ({ blob }) => assert.not('history' in (await blob('config'))),
        },
      ],
    },
    {
      slug: 'created-annotation',
      what: '`--created-annotation`',
      status: 'yes',
      probes: [
        {
          dockerfile: copying,
          files,
          flags: ['--created-annotation'],
          see: async ({ image }) =>
            assert.ok((await image()).manifest.annotations?.['org.opencontainers.image.created']),
        },
      ],
    },
    { slug: 'identity-label', what: '`--identity-label`', status: 'no', probes: flags('--identity-label') },
    {
      slug: 'single-snapshot',
      what: 'Kaniko: `--single-snapshot`; Buildah: `--squash-all`',
      status: 'yes',
      probes: ['--single-snapshot', '--squash-all'].map((flag) => ({
        dockerfile: 'FROM scratch\nCOPY f /a\nCOPY f /b\n',
        files,
        flags: [flag],
        see: async ({ image }: Outcome) => assert.is((await image()).layers.length, 1),
      })) as Probe[] as [Probe, Probe],
    },
    {
      slug: 'unset-flags',
      what: '`--unsetenv`, `--unsetlabel`',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nENV A=1 B=2\nLABEL c=3 d=4\n',
          flags: ['--unsetenv=A', '--unsetenv=PATH', '--unsetlabel=c'],
          see: async ({ image }) => {
            const { Env, Labels } = (await image()).config.config;
            assert.equal({ Env, Labels }, { Env: ['B=2'], Labels: { d: '4' } });
          },
        },
      ],
    },
    {
      slug: 'inherit-flags',
      what: '`--unsetannotation`, `--inherit-labels`, `--inherit-annotations`, `--layer-label`',
      status: 'no',
      probes: flags(
        '--unsetannotation=a',
        '--inherit-labels=false',
        '--inherit-annotations=false',
        '--layer-label=a=b',
      ),
    },
    {
      slug: 'buildah-results',
      what: '`--format`, `--manifest`, `--disable-compression`, `--env`',
      status: 'no',
      probes: flags('--format=docker', '--manifest=list', '--disable-compression', '--env=A=b'),
    },
    {
      slug: 'from-flag',
      what: '`--from IMAGE`: another base for the first FROM',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM missing.example.com/a\n',
          flags: ['--from=mine', '--build-context=mine=oci-layout://{base}:latest'],
          config: { config: { Cmd: ['sh'] } },
        },
      ],
    },
    {
      slug: 'save-stages',
      what: '`--save-stages`, `--stage-labels`',
      status: 'no',
      probes: flags('--save-stages', '--stage-labels'),
    },
    {
      slug: 'step-shaping',
      what: '`--volume`, `--device`, `--cap-add`, `--cap-drop`, `--userns`, `--dns`, `--hooks-dir`, `--no-hosts`, `--no-hostname`',
      status: 'no',
      probes: flags(
        '--volume=/a:/b',
        '--device=/dev/fuse',
        '--cap-add=SYS_ADMIN',
        '--cap-drop=ALL',
        '--userns=host',
        '--dns=192.0.2.1',
        '--no-hosts',
      ),
    },
    {
      slug: 'logfile',
      what: '`--logfile`, `--logsplit`',
      status: 'yes',
      probes: [{ dockerfile: plain, flags: ['--logfile=../log'], wrote: { log: 'load build definition' } }],
    },
    {
      slug: 'encryption',
      what: '`--decryption-key`, `--sign-by`, `--cw`',
      status: 'no',
      probes: flags('--decryption-key=x', '--sign-by=x', '--cw=x'),
    },
    {
      slug: 'layers-flag',
      what: 'Buildah: `--layers`',
      status: 'partly',
      note: '`--layers`, which is so anyway',
      probes: [{ dockerfile: plain, flags: ['--layers'] }, ...flags('--layers=false')],
    },
    {
      slug: 'kaniko-snapshots',
      what: 'Kaniko: `--ignore-path`, `--ignore-var-run`, `--snapshot-mode`, `--use-new-run`, `--kaniko-dir`, `--force`, `--cleanup`',
      status: 'no',
      probes: flags(
        '--ignore-path=/x',
        '--snapshot-mode=redo',
        '--use-new-run',
        '--kaniko-dir=/k',
        '--force',
        '--cleanup',
      ),
    },
    {
      slug: 'kaniko-words',
      what: 'Kaniko: `--context`, `--context-sub-path`, `--git`, `--dockerfile`, `--destination`, `--tar-path`, `--no-push`, `--cache`, `--cache-copy-layers`, `--compressed-caching`, `--verbosity`, `--log-format`',
      status: 'no',
      probes: flags(
        '--context=.',
        '--dockerfile=Dockerfile',
        '--destination=app',
        '--tar-path=x',
        '--no-push',
        '--cache',
        '--context-sub-path=sub',
        '--git=branch=main',
        '--cache-copy-layers',
        '--compressed-caching=false',
        '--verbosity=info',
        '--log-format=json',
      ),
    },
    {
      slug: 'layer-explorer',
      what: 'dive: what each layer adds and wastes, its efficiency score, and limits that fail CI: `slipway layers --budget`',
      status: 'partly',
      note: 'as text and JSON, without a screen to walk through',
      probes: [
        {
          files: { Dockerfile: 'FROM scratch\nCOPY f /a\nCOPY --chmod=600 f /a\n', f: '12345678' },
          before: [['build', '-t', 'layered', '.']],
          argv: ['layers', 'layered'],
          stdout: /16B in 2 layers, 1 file; 8B \(50 %\) wasted; efficiency 50 %/,
        },
        {
          files: { Dockerfile: 'FROM scratch\nCOPY f /a\n', f: '12345678' },
          before: [['build', '-t', 'limited', '.']],
          argv: ['layers', '--budget=image=7', 'limited'],
          fails: 'the image has 8B, at most 7B are allowed',
        },
      ],
    },
    {
      slug: 'container-diff',
      what: 'container-diff: files and config that differ between two images: `slipway diff A B`',
      status: 'yes',
      probes: [
        {
          files: {
            'a/Dockerfile': 'FROM scratch\nENV A=1\nCOPY f /\n',
            'a/f': '1',
            'b/Dockerfile': 'FROM scratch\nENV A=2\nCOPY f /\n',
            'b/f': '22',
          },
          before: [
            ['build', '-t', 'one', 'a'],
            ['build', '-t', 'two', 'b'],
          ],
          argv: ['diff', 'one', 'two'],
          stdout: /~ \/f +content, size 1B → 2B[\s\S]*~ Env A +1 → 2/,
        },
      ],
    },
    {
      slug: 'push-checks',
      what: 'Kaniko: `--push-ignore-immutable-tag-errors`, `--skip-push-permission-check`',
      status: 'yes',
      probes: [
        {
          needs: ['registry'],
          dockerfile: copying,
          files,
          flags: [
            '--push',
            '--push-ignore-immutable-tag-errors',
            '--skip-push-permission-check',
            '-t',
            '{registry}/checks:1',
          ],
        },
      ],
    },
    {
      slug: 'warmer',
      what: "Kaniko's `warmer`, fetching base images ahead: `slipway pull`",
      status: 'yes',
      probes: [
        {
          needs: ['registry'],
          dockerfile: 'FROM {registry}/ahead:1\n',
          files: { 'o/Dockerfile': 'FROM scratch\nCOPY Dockerfile /o\n' },
          before: [
            ['build', '--push', '-t', '{registry}/ahead:1', 'o'],
            ['pull', '{registry}/ahead:1'],
          ],
          flags: ['--offline'],
          tree: { '/o': {} },
        },
      ],
    },
  ],
};
