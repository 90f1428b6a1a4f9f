// Rows: flags of `docker build` from before BuildKit, and variables of the environment.
import * as assert from 'uvu/assert';
import type { Probe, Row } from '../row.ts';

const plain = 'FROM scratch\nLABEL a=1\n';
const flag = (...flags: string[]): Probe => ({ dockerfile: plain, flags, refused: true });

/** As little as Git takes for a work tree. */
const workTree = {
  Dockerfile: 'FROM scratch\n',
  '.git/HEAD': 'ref: refs/heads/main\n',
  '.git/refs/heads/main': `${'1234567890'.repeat(4)}\n`,
  '.git/objects/': '',
  '.git/config': '[remote "origin"]\n\turl = https://wilma:secret@git.example.com/app.git\n',
};

export const classicRows: readonly Row[] = [
  {
    slug: 'flags-without-meaning',
    what: '`docker build` without BuildKit: `--rm`, `--force-rm`, `--compress`',
    status: 'no',
    note: '`--rm=true`, `--force-rm=true` and `--compress=false`, which ask for what is so anyway, are taken',
    probes: [
      { dockerfile: plain, flags: ['--rm=true', '--compress=false'] },
      flag('--rm=false'),
      flag('--force-rm=false'),
      flag('--compress'),
    ],
  },
  {
    slug: 'flag-squash',
    what: '`docker build` without BuildKit, Buildah: `--squash`',
    status: 'yes',
    probes: [
      {
        dockerfile: 'FROM scratch\nCOPY f /a\nCOPY f /b\n',
        files: { f: 'x' },
        flags: ['--squash'],
        tree: { '/a': 'x', '/b': 'x' },
        see: async ({ image }) => assert.is((await image()).layers.length, 1),
      },
    ],
  },
  {
    slug: 'flag-isolation',
    what: '`docker build` without BuildKit: `--isolation`',
    status: 'partly',
    note:
      'The flag is there with values of its own: `auto` (the sandbox where it works), `oci`, `sandbox`, `rootless`, `chroot`; `--require` refuses less. With `oci`, a first process that asks to be ' +
      'traced by its parent (`PTRACE_TRACEME`) stops for good at its next signal: runc and crun, started by hand, too, never let it go on; the sandbox does',
    probes: [flag('--isolation=hyperv')],
  },
  {
    slug: 'flags-limits',
    what: '`docker build` without BuildKit: `--memory`, `--memory-swap`, `--cpu-shares`, `--cpu-period`, `--cpu-quota`, `--cpuset-cpus`, `--cpuset-mems`',
    status: 'no',
    probes: [
      'memory=1g',
      'memory-swap=1g',
      'cpu-shares=1',
      'cpu-period=1',
      'cpu-quota=1',
      'cpuset-cpus=0',
      'cpuset-mems=0',
    ].map((text) => flag(`--${text}`)) as [Probe, ...Probe[]],
  },
  {
    slug: 'flag-security-opt',
    what: '`docker build` without BuildKit: `--security-opt`',
    status: 'no',
    probes: [flag('--security-opt=seccomp=unconfined')],
  },
  {
    slug: 'flag-content-trust',
    what: '`--disable-content-trust`',
    status: 'no',
    probes: [flag('--disable-content-trust')],
  },
  {
    slug: 'environment-variables',
    what: 'The environment: `BUILDKIT_PROGRESS`, `BUILDKIT_TTY_LOG_LINES`, `NO_COLOR`, `SOURCE_DATE_EPOCH`, `DOCKER_CONFIG`',
    status: 'yes',
    probes: [
      { dockerfile: plain, env: { BUILDKIT_PROGRESS: 'rawjson' }, stderr: /^\{/ },
      {
        dockerfile: plain,
        env: { SOURCE_DATE_EPOCH: '86400' },
        config: { created: '1970-01-02T00:00:00Z' },
      },
    ],
  },
  {
    slug: 'buildx-metadata-variables',
    what: 'The environment: `BUILDX_METADATA_PROVENANCE`, `BUILDX_METADATA_WARNINGS`',
    status: 'yes',
    note: 'Without the first, `--metadata-file` holds the provenance of the image, where it has one',
    probes: [
      {
        dockerfile: 'FROM scratch\nLABEL a=$B\n',
        flags: ['--metadata-file=../m.json', '--output=type=cacheonly'],
        env: { BUILDX_METADATA_PROVENANCE: 'max', BUILDX_METADATA_WARNINGS: '1' },
        wrote: { 'm.json': /"buildx.build.provenance"[\s\S]*"buildConfig"[\s\S]*"buildx.build.warnings"/ },
      },
      {
        dockerfile: 'FROM scratch\nLABEL a=$B\n',
        flags: ['--metadata-file=../m.json', '--output=type=image', '--provenance=true'],
        env: { BUILDX_METADATA_PROVENANCE: 'disabled' },
        see: async ({ json }) => {
          const keys = Object.keys(await json('m.json'));
          assert.not.ok(keys.some((key) => key.startsWith('buildx.')));
        },
      },
    ],
  },
  {
    slug: 'buildx-no-default-load',
    what: 'The environment: `BUILDX_NO_DEFAULT_LOAD`',
    status: 'yes',
    note: 'A build without an output is in the cache alone',
    probes: [
      {
        dockerfile: 'FROM scratch\nLABEL no-default-load=1\n',
        env: { BUILDX_NO_DEFAULT_LOAD: '1' },
        argv: ['build', '--progress=plain', '-t', 'not-kept:1', '.'],
        stderr: 'keeping the cache',
      },
    ],
  },
  {
    slug: 'buildx-git-variables',
    what: 'The environment: `BUILDX_GIT_LABELS`, `BUILDX_GIT_INFO`, `BUILDX_GIT_CHECK_DIRTY`',
    status: 'yes',
    note: 'Labels, and `vcs` in provenance. Labels of `--label` hold against those of Git',
    probes: [
      {
        needs: ['git'],
        files: workTree,
        env: { BUILDX_GIT_LABELS: 'full' },
        flags: ['--metadata-file=../m.json', '--label=org.opencontainers.image.source=mine'],
        config: {
          config: {
            Labels: {
              'com.docker.image.source.entrypoint': 'Dockerfile',
              'org.opencontainers.image.revision': '1234567890'.repeat(4),
              'org.opencontainers.image.source': 'mine',
            },
          },
        },
      },
      {
        needs: ['git'],
        files: workTree,
        env: { BUILDX_METADATA_PROVENANCE: 'min' },
        flags: ['--metadata-file=../m.json'],
        wrote: {
          'm.json': /"vcs": \{\s*"source": "https:\/\/git.example.com\/app.git",\s*"revision": "1234/,
        },
      },
      {
        needs: ['git'],
        files: workTree,
        env: { BUILDX_METADATA_PROVENANCE: 'min', BUILDX_GIT_INFO: '0' },
        flags: ['--metadata-file=../m.json'],
        wrote: { 'm.json': /"buildkit_metadata": \{\}/ },
      },
    ],
  },
  {
    slug: 'buildx-no-default-attestations',
    what: 'The environment: `BUILDX_NO_DEFAULT_ATTESTATIONS`',
    status: 'yes',
    note: 'It is so anyway: only what is asked for is attested',
    probes: [
      {
        dockerfile: 'FROM scratch\nLABEL a=1\n',
        env: { BUILDX_NO_DEFAULT_ATTESTATIONS: '1' },
        flags: ['--metadata-file=../m.json', '--output=type=image'],
        see: async ({ json }) => {
          const { 'containerimage.descriptor': found } = await json('m.json');
          assert.match((found as { mediaType: string }).mediaType, /manifest/);
        },
      },
    ],
  },
];
