// Rows: FROM and stages.
import type { Section } from '../row.ts';

export const baseImages: Section = {
  slug: 'stages',
  title: 'FROM and stages',
  rows: [
    {
      slug: 'from-image',
      what: '`FROM name:tag@digest` from a registry; `busybox` stands for `docker.io/library/busybox:latest`',
      status: 'yes',
      note: 'Short names are always those of docker.io; Buildah asks `registries.conf`',
      probes: [
        {
          dockerfile: 'FROM busybox:9\n',
          flags: ['--build-context=docker.io/library/busybox:9=oci-layout://{base}:latest'],
          config: { config: { Cmd: ['sh'] } },
        },
      ],
    },
    {
      slug: 'from-as',
      what: '`FROM … AS name`; of two equal names the later counts, with a warning',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch AS One\nLABEL a=1\nFROM one\nLABEL b=2\n',
          config: { config: { Labels: { a: '1', b: '2' } } },
        },
        { dockerfile: 'FROM scratch AS 1a\n', fails: /1a/ },
        {
          dockerfile: 'FROM scratch AS a\nLABEL l=1\nFROM scratch AS a\nLABEL l=2\n',
          flags: ['--target=a'],
          stderr: /duplicate/i,
          config: { config: { Labels: { l: '2' } } },
        },
      ],
    },
    {
      slug: 'from-stage',
      what: '`FROM` an earlier stage: its files, config and arguments are inherited',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch AS a\nARG V=1\nENV E=2\nCOPY f /\nFROM a\nLABEL l=$V$E\n',
          files: { f: 'x' },
          config: { config: { Labels: { l: '12' } } },
          tree: { '/f': 'x' },
        },
      ],
    },
    {
      slug: 'from-scratch',
      what: '`FROM scratch`, also with no layer at all; PATH and `/` are set',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nLABEL a=1\n',
          config: {
            config: {
              Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
              WorkingDir: '/',
            },
            rootfs: { type: 'layers', diff_ids: [] },
          },
        },
      ],
    },
    {
      slug: 'from-platform',
      what: '`FROM --platform=`, with global arguments',
      status: 'yes',
      probes: [
        {
          dockerfile:
            'FROM --platform=$BUILDPLATFORM scratch AS a\nFROM --platform=linux/s390x scratch\nLABEL a=1\n',
          config: { architecture: 's390x' },
        },
      ],
    },
    {
      slug: 'from-after',
      what: 'Buildah: `FROM --after=`',
      status: 'no',
      probes: [{ dockerfile: 'FROM scratch AS a\nFROM --after=a scratch\n', refused: true }],
    },
    {
      slug: 'named-context-over-from',
      what: 'A named context takes the place of an image or of a stage of that name',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM base:9\n',
          flags: ['--build-context=base:9=oci-layout://{base}:latest'],
          config: { config: { Cmd: ['sh'] } },
        },
        {
          dockerfile: 'FROM scratch AS other\nLABEL mine=1\nFROM other\n',
          flags: ['--build-context=other=oci-layout://{base}:latest'],
          config: { config: { Cmd: ['sh'], Labels: undefined } },
        },
      ],
    },
    {
      slug: 'base-config',
      what: 'The config of the base image is inherited whole, its history too; triggers run once',
      status: 'yes',
      probes: [
        {
          dockerfile:
            'FROM scratch AS a\nENV E=1\nCMD ["c"]\nENTRYPOINT ["e"]\nUSER 7\nWORKDIR /w\nLABEL l=1\nVOLUME /v\nEXPOSE 1\nSHELL ["/s"]\nHEALTHCHECK CMD ["h"]\nSTOPSIGNAL 9\nONBUILD LABEL t=1\nFROM a\n',
          config: {
            config: {
              Cmd: ['c'],
              Entrypoint: ['e'],
              User: '7',
              WorkingDir: '/w',
              Labels: { l: '1', t: '1' },
              Volumes: { '/v': {} },
              ExposedPorts: { '1/tcp': {} },
              Shell: ['/s'],
              StopSignal: '9',
              OnBuild: undefined,
            },
          },
        },
      ],
    },
    {
      slug: 'reachable-stages',
      what: 'Stages that the target does not need are not built',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM missing.example.com/never\nRUN false\nFROM scratch\nLABEL a=1\n',
          flags: ['--output=type=cacheonly'],
        },
      ],
    },
    {
      slug: 'parallel-stages',
      what: 'Steps that do not need each other run at the same time; `--jobs` says how many',
      status: 'yes',
      probes: [
        {
          needs: ['steps'],
          // Each of the two ends only if the other runs meanwhile.
          dockerfile: [
            'FROM base AS a',
            'RUN --mount=type=cache,target=/meet touch /meet/a && for i in $(seq 600); do test -e /meet/b && exit; sleep .1; done; exit 1',
            'FROM base AS b',
            'RUN --mount=type=cache,target=/meet touch /meet/b && for i in $(seq 600); do test -e /meet/a && exit; sleep .1; done; exit 1',
            'FROM scratch',
            'COPY --from=a /etc/group /a',
            'COPY --from=b /etc/group /b',
          ].join('\n'),
          flags: ['--jobs=2'],
        },
      ],
    },
  ],
};
