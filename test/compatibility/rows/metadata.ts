// Rows: instructions that make the image config.
import * as assert from 'uvu/assert';
import type { Probe, Section } from '../row.ts';

/** What the lines make of the config of an image of nothing. */
const config = (lines: string, expected: Record<string, unknown>): Probe => ({
  dockerfile: `FROM scratch\n${lines}\n`,
  config: { config: expected },
});
const fails = (lines: string, text: string | RegExp): Probe => ({
  dockerfile: `FROM scratch\n${lines}\n`,
  fails: text,
});

const second = 1_000_000_000;

export const metadata: Section = {
  slug: 'config',
  title: 'Instructions that describe the image',
  rows: [
    {
      slug: 'cmd',
      what: '`CMD`, both forms; the last counts; the shell form sets `ArgsEscaped`',
      status: 'yes',
      probes: [
        config('CMD ["a"]\nCMD ["b", "c"]', { Cmd: ['b', 'c'] }),
        config('CMD a $b', { Cmd: ['/bin/sh', '-c', 'a $b'], ArgsEscaped: true }),
      ],
    },
    {
      slug: 'entrypoint',
      what: '`ENTRYPOINT`, both forms; it drops the CMD of the base image; `[]` resets',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM base\nENTRYPOINT e\n',
          config: { config: { Entrypoint: ['/bin/sh', '-c', 'e'], Cmd: null } },
        },
        {
          dockerfile: 'FROM scratch AS a\nENTRYPOINT ["e"]\nFROM a\nENTRYPOINT []\n',
          see: async ({ image }) => assert.equal((await image()).config.config.Entrypoint ?? [], []),
        },
      ],
    },
    {
      slug: 'env',
      what: '`ENV k=v …` and `ENV k v`; the order stays, values are replaced in place',
      status: 'yes',
      probes: [
        config('ENV a=1 b="2 3"\nENV c 4 5\nENV a=6', {
          Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'a=6', 'b=2 3', 'c=4 5'],
        }),
      ],
    },
    {
      slug: 'label',
      what: '`LABEL`; later ones win, `--label` wins over all',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nLABEL "a b"="c d" e=f\nLABEL e=g h=i\n',
          flags: ['--label=h=flag'],
          config: { config: { Labels: { 'a b': 'c d', e: 'g', h: 'flag' } } },
        },
      ],
    },
    {
      slug: 'maintainer',
      what: '`MAINTAINER` sets the author',
      status: 'yes',
      probes: [{ dockerfile: 'FROM scratch\nMAINTAINER A. Writer\n', config: { author: 'A. Writer' } }],
    },
    {
      slug: 'expose',
      what: '`EXPOSE`: tcp where none is said, udp, sctp, ranges',
      status: 'yes',
      probes: [
        config('EXPOSE 80 53/UDP 90-91/sctp', {
          ExposedPorts: { '80/tcp': {}, '53/udp': {}, '90/sctp': {}, '91/sctp': {} },
        }),
        fails('EXPOSE 65536', '65536'),
      ],
    },
    {
      slug: 'volume',
      what: '`VOLUME`, words or JSON; later changes below it are kept',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nVOLUME /a /b\nVOLUME ["/c d"]\nCOPY f /a/\n',
          files: { f: 'x' },
          config: { config: { Volumes: { '/a': {}, '/b': {}, '/c d': {} } } },
          tree: { '/a/f': 'x' },
        },
      ],
    },
    {
      slug: 'user',
      what: '`USER` is kept as it is written',
      status: 'yes',
      probes: [config('USER 12:wheel', { User: '12:wheel' })],
    },
    {
      slug: 'workdir',
      what: '`WORKDIR`: relative ones join; made 0755 for the current USER; always a layer, but of `/`',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nUSER 5:6\nWORKDIR /a\nWORKDIR b/../c\nWORKDIR /a\n',
          config: { config: { WorkingDir: '/a' } },
          tree: { '/a/c': { type: 'directory', mode: 0o755, uid: 5, gid: 6 } },
          see: async ({ image }) => assert.is((await image()).layers.length, 3),
        },
      ],
    },
    {
      slug: 'arg',
      what: '`ARG a b=c …`: a changed value makes the RUN steps behind it run again, nothing else',
      status: 'yes',
      probes: [
        {
          needs: ['steps'],
          dockerfile: 'FROM base\nRUN : before\nARG a=1 b\nRUN : after\n',
          flags: ['--build-arg=a=2', '--progress=plain'],
          before: [['build', '--build-context=base=oci-layout://{base}:latest', '-o', 'type=cacheonly', '.']],
          stderr: /#(\d+) \[.*RUN : before\n#\1 CACHED[\s\S]*#(\d+) \[.*RUN : after\n(?!#\2 CACHED)/,
        },
      ],
    },
    {
      slug: 'onbuild',
      what: '`ONBUILD`, of all but ONBUILD, FROM and MAINTAINER; triggers may name stages; a child has them no more',
      status: 'yes',
      probes: [
        {
          dockerfile:
            'FROM scratch AS src\nCOPY f /\nFROM scratch AS parent\nONBUILD COPY --from=src /f /g\nFROM parent AS child\nFROM child\n',
          files: { f: 'x' },
          tree: { '/g': 'x' },
          config: { config: { OnBuild: undefined } },
        },
        fails('ONBUILD ONBUILD RUN a', 'ONBUILD'),
        fails('ONBUILD FROM scratch', 'FROM'),
        config('ONBUILD RUN a', { OnBuild: ['RUN a'] }),
      ],
    },
    {
      slug: 'stopsignal',
      what: '`STOPSIGNAL`, a name or a number, checked',
      status: 'yes',
      probes: [
        config('STOPSIGNAL SIGQUIT', { StopSignal: 'SIGQUIT' }),
        fails('STOPSIGNAL SIGNONE', 'SIGNONE'),
      ],
    },
    {
      slug: 'healthcheck',
      what: '`HEALTHCHECK` with all its options, and `NONE`',
      status: 'yes',
      note: 'Kept in images of OCI media types, too. Unknown flags are an error in front of `NONE`, too',
      probes: [
        config(
          'HEALTHCHECK --interval=5s --timeout=1m --start-period=2s --start-interval=1s --retries=4 CMD x',
          {
            Healthcheck: {
              Test: ['CMD-SHELL', 'x'],
              Interval: 5 * second,
              Timeout: 60 * second,
              StartPeriod: 2 * second,
              StartInterval: second,
              Retries: 4,
            },
          },
        ),
        config('HEALTHCHECK NONE', { Healthcheck: { Test: ['NONE'] } }),
        fails('HEALTHCHECK --interval=1us CMD x', /1us|interval/),
      ],
    },
    {
      slug: 'shell',
      what: '`SHELL` for the RUN, CMD and ENTRYPOINT behind it',
      status: 'yes',
      probes: [
        config('SHELL ["/bin/s", "-x"]\nCMD a', { Cmd: ['/bin/s', '-x', 'a'], Shell: ['/bin/s', '-x'] }),
        fails('SHELL sh', /JSON/i),
      ],
    },
    {
      slug: 'single-use-warnings',
      what: 'More than one CMD, ENTRYPOINT or HEALTHCHECK in a stage is warned of',
      status: 'yes',
      probes: [
        { dockerfile: 'FROM scratch\nCMD ["a"]\nCMD ["b"]\n', stderr: /MultipleInstructionsDisallowed/ },
        {
          dockerfile: 'FROM scratch\nHEALTHCHECK NONE\nHEALTHCHECK CMD ["a"]\n',
          stderr: /MultipleInstructionsDisallowed/,
        },
      ],
    },
    {
      slug: 'other-systems',
      what: 'Images for Windows, macOS and others that hold copied files alone',
      status: 'partly',
      note: 'Windows: WORKDIR knows no drives, and CMD and ENTRYPOINT in shell form name `/bin/sh`: write them in exec form.',
      probes: [
        {
          dockerfile: 'FROM scratch\nCOPY f /\n',
          files: { f: 'x' },
          flags: ['--platform=windows/amd64'],
          config: { os: 'windows', config: { Env: undefined } },
          tree: { '/f': 'x' },
        },
      ],
    },
    {
      slug: 'windows-steps',
      what: 'RUN in Windows images',
      status: 'no',
      probes: [
        {
          dockerfile: 'FROM scratch\nCOPY f /\nRUN dir\n',
          files: { f: 'x' },
          flags: ['--platform=windows/amd64'],
          refused: true,
        },
      ],
    },
  ],
};
