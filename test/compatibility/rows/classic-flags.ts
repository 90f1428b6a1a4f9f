// Rows: flags of `docker build` from before BuildKit, and variables of the environment.
import * as assert from 'uvu/assert';
import type { Probe, Row } from '../row.ts';

const plain = 'FROM scratch\nLABEL a=1\n';
const flag = (...flags: string[]): Probe => ({ dockerfile: plain, flags, refused: true });

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
    note: 'The flag is there with values of its own: `auto`, `oci`, `sandbox`',
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
    slug: 'buildx-environment-variables',
    what: 'The environment: `BUILDX_METADATA_PROVENANCE`, `BUILDX_METADATA_WARNINGS`, `BUILDX_NO_DEFAULT_ATTESTATIONS`, `BUILDX_NO_DEFAULT_LOAD`, `BUILDX_GIT_LABELS`, `BUILDX_GIT_INFO`',
    status: 'no',
    unproven:
      'they are read by nothing here, as by any program that is not buildx; there are no default attestations to turn off',
  },
];
