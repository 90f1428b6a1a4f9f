// Rows: platforms, progress, checks.
import * as assert from 'uvu/assert';
import type { Probe, Section } from '../row.ts';

const plain = 'FROM scratch\nLABEL a=1\n';
const native = process.arch === 'x64' ? 'amd64' : 'arm64';

export const platforms: Section = {
  slug: 'platforms',
  title: 'Platforms',
  rows: [
    {
      slug: 'multi-platform',
      what: 'Several platforms in one build, as an index',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nARG TARGETARCH\nLABEL a=$TARGETARCH\n',
          flags: ['--platform=linux/amd64,linux/arm64', '--output=type=oci,tar=false,dest=../image'],
          see: async ({ image }) => {
            for (const arch of ['amd64', 'arm64'])
              assert.is((await image(`linux/${arch}`)).config.config.Labels?.['a'], arch);
          },
        },
      ],
    },
    {
      slug: 'platform-names',
      what: 'Names of platforms are normalised: `aarch64`, `x86_64`, `armhf`, `arm64/v8`, `amd64/v1`',
      status: 'yes',
      probes: [
        {
          dockerfile: plain,
          flags: ['--platform=linux/aarch64'],
          config: { architecture: 'arm64', variant: undefined },
        },
        {
          dockerfile: plain,
          flags: ['--platform=linux/arm64/v8'],
          config: { architecture: 'arm64', variant: undefined },
        },
        { dockerfile: plain, flags: ['--platform=linux/x86_64'], config: { architecture: 'amd64' } },
        {
          dockerfile: plain,
          flags: ['--platform=linux/armhf'],
          config: { architecture: 'arm', variant: 'v7' },
        },
        {
          dockerfile: plain,
          flags: ['--platform=linux/amd64/v1'],
          config: { architecture: 'amd64', variant: undefined },
        },
        { dockerfile: plain, flags: ['--platform=arm64'], config: { os: 'linux', architecture: 'arm64' } },
        { dockerfile: plain, flags: ['--platform=arm46'], fails: 'arm46' },
      ],
    },
    {
      slug: 'platform-os-version',
      what: '`os(version)/arch`',
      status: 'yes',
      probes: [
        {
          dockerfile: plain,
          flags: ['--platform=windows(10.0.1)/amd64'],
          config: { os: 'windows', 'os.version': '10.0.1' },
        },
      ],
    },
    {
      slug: 'platform-of-base',
      what: 'Of a base image the nearest platform is taken; one that does not fit is a warning',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM --platform=linux/s390x base\nLABEL a=1\n',
          stderr: /InvalidBaseImagePlatform/,
        },
      ],
    },
    {
      slug: 'platform-of-image',
      what: 'An image is for the platform that was asked for, whatever its last FROM names; else for that of its base',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM --platform=$BUILDPLATFORM base\nLABEL a=1\n',
          flags: ['--platform=linux/s390x'],
          config: { architecture: 's390x' },
        },
        {
          dockerfile: 'FROM --platform=linux/s390x base\nLABEL a=1\n',
          config: { architecture: native },
        },
      ],
    },
    {
      slug: 'emulation',
      what: 'RUN for another architecture, by binfmt_misc and QEMU',
      status: 'yes',
      unproven:
        'the kernel must have an emulator registered; without one an error says, before the step, what to install',
    },
    {
      slug: 'cross-build',
      what: 'Cross-building without emulation: `FROM --platform=$BUILDPLATFORM`, and COPY alone in the target',
      status: 'yes',
      probes: [
        {
          needs: ['steps'],
          dockerfile:
            'FROM --platform=$BUILDPLATFORM base AS build\nARG TARGETARCH\nRUN echo $TARGETARCH > /out\nFROM scratch\nCOPY --from=build /out /\n',
          flags: [`--platform=linux/${native === 'amd64' ? 'arm64' : 'amd64'}`],
          tree: { '/out': native === 'amd64' ? 'arm64\n' : 'amd64\n' },
        },
      ],
    },
    {
      slug: 'merging-platforms',
      what: 'Merging images of single platforms: `slipway manifest create`, `annotate`, `inspect`',
      status: 'yes',
      probes: [
        {
          dockerfile: plain,
          before: [
            ['build', '--platform=linux/amd64', '-t', 'merge:amd64', '.'],
            ['build', '--platform=linux/arm64', '-t', 'merge:arm64', '.'],
            ['manifest', 'create', 'merge:1', 'merge:amd64', 'merge:arm64'],
          ],
          argv: ['manifest', 'inspect', 'merge:1'],
          stdout: /amd64[\s\S]*arm64/,
        },
      ],
    },
    {
      slug: 'imagetools',
      what: '`buildx imagetools create`, `imagetools inspect`: the same in the registry',
      status: 'yes',
      probes: [
        {
          needs: ['registry'],
          files: { Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' },
          before: [['build', '-q', '--push', '-t', '{registry}/tools:one', '{dir}/context']],
          argv: [
            ...['imagetools', 'create', '-t', '{registry}/tools:all', '--annotation=index:a=b'],
            ...['--metadata-file={dir}/m.json', '{registry}/tools:one'],
          ],
          wrote: { 'm.json': /"containerimage.digest": "sha256:[\s\S]*"image.name": ".*tools:all"/ },
        },
        {
          needs: ['registry'],
          argv: ['imagetools', 'inspect', '--format', '{{json .Manifest.manifests}}', '{registry}/tools:all'],
          stdout: '"platform"',
        },
      ],
    },
    {
      slug: 'farm',
      what: 'A farm of builders: `buildx create --append`, `podman farm`',
      status: 'no',
      probes: [
        { argv: ['create', '--append'], refused: 'message' },
        { argv: ['farm', 'build'], refused: 'message' },
      ],
    },
  ],
};

const json = (text: string): unknown[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const progressOf = (mode: string, rest: Partial<Probe>): Probe => ({
  dockerfile: plain,
  flags: [`--progress=${mode}`],
  ...rest,
});

export const progress: Section = {
  slug: 'progress',
  title: 'Progress',
  rows: [
    {
      slug: 'progress-modes',
      what: "`auto`, `tty`, `plain`, `quiet`, `none`, and `rawjson` with BuildKit's objects",
      status: 'yes',
      probes: [
        progressOf('plain', { stderr: /^#1 \[internal\]/ }),
        progressOf('auto', { stderr: /^#1 \[internal\]/ }),
        progressOf('quiet', { stdout: /^sha256:\w+\n$/, stderr: /^$/ }),
        progressOf('none', { stderr: /^$/ }),
        progressOf('rawjson', {
          see: ({ stderr }) => assert.ok(json(stderr).some((line) => 'vertexes' in (line as object))),
        }),
      ],
    },
    {
      slug: 'log-limits',
      what: 'Logs of steps are not clipped',
      status: 'yes',
      note: 'BuildKit clips what is long or fast',
      probes: [
        {
          needs: ['steps'],
          dockerfile: 'FROM base\nRUN for i in $(seq 2600); do printf "%01000d\\n" $i; done; echo the end\n',
          flags: ['--progress=plain', '--no-cache'],
          stderr: /2600[\s\S]*the end/,
          see: ({ stderr }) => assert.ok(stderr.length > 2_500_000 && !/clipped/.test(stderr)),
        },
      ],
    },
    {
      slug: 'traces',
      what: 'OpenTelemetry: `OTEL_EXPORTER_OTLP_ENDPOINT`',
      status: 'no',
      unproven: 'a variable of the environment that nothing here reads',
    },
    {
      slug: 'colors',
      what: '`NO_COLOR`',
      status: 'yes',
      probes: [
        progressOf('tty', {
          env: { NO_COLOR: '1' },
          see: ({ stderr }) => assert.not.match(stderr, /\x1b\[[0-9;]*3[0-9]m/),
        }),
      ],
    },
    {
      slug: 'buildkit-colors',
      what: '`BUILDKIT_COLORS`',
      status: 'yes',
      probes: [
        { dockerfile: 'FROM scratch\n', env: { BUILDKIT_COLORS: 'run=light-blue:cancel=255,165,0' } },
        {
          dockerfile: 'FROM scratch\n',
          env: { BUILDKIT_COLORS: 'run=loud' },
          fails: 'BUILDKIT_COLORS has "run=loud"',
        },
      ],
    },
  ],
};
