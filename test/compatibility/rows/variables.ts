// Rows: variables and build arguments.
import * as assert from 'uvu/assert';
import type { Probe, Section } from '../row.ts';

/** What an expression comes to in a LABEL, with ARG v=value and ARG path=/a/b.tar.gz set, e empty and u unset. */
function expands(expressions: Record<string, string>): Probe {
  const entries = Object.entries(expressions);
  const labels = entries.map(([expression], i) => `LABEL l${i}=${expression}`).join('\n');
  return {
    dockerfile: `FROM scratch\nARG v=value path=/a/b.tar.gz e=\n${labels}\n`,
    config: { config: { Labels: Object.fromEntries(entries.map(([, value], i) => [`l${i}`, value])) } },
  };
}

export const variables: Section = {
  slug: 'variables',
  title: 'Variables and build arguments',
  rows: [
    {
      slug: 'expansion',
      what: '`$v` and `${v}` in ADD, COPY, ENV, EXPOSE, FROM, LABEL, STOPSIGNAL, USER, VOLUME and WORKDIR; a line sees the values from before it',
      status: 'yes',
      probes: [
        {
          dockerfile:
            'ARG B=scratch\nFROM $B\nARG n=7\nENV abc=hello\nENV abc=bye def=$abc\nCOPY $n.txt /d$n/\nADD ${n}.txt /e$n/\nEXPOSE $n\nLABEL l=$n\nSTOPSIGNAL $n\nUSER $n\nVOLUME /v$n\nWORKDIR /w$n\n',
          files: { '7.txt': 'seven' },
          tree: { '/d7/7.txt': 'seven', '/e7/7.txt': 'seven' },
          config: {
            config: {
              ExposedPorts: { '7/tcp': {} },
              Labels: { l: '7' },
              StopSignal: '7',
              User: '7',
              Volumes: { '/v7': {} },
              WorkingDir: '/w7',
            },
          },
          see: async ({ image }) => {
            const env = (await image()).config.config.Env ?? [];
            if (!env.includes('def=hello')) throw new Error(`ENV is ${env.join(' ')}`);
          },
        },
      ],
    },
    {
      slug: 'default-values',
      what: '`${v:-word}` `${v-word}` `${v:+word}` `${v+word}`, nested',
      status: 'yes',
      probes: [
        expands({
          '"${e:-x}"': 'x',
          '"${e-x}"': '',
          '"${u-x}"': 'x',
          '"${v:+x}"': 'x',
          '"${e+x}"': 'x',
          '"${u:-${u:-$v}}"': 'value',
        }),
      ],
    },
    {
      slug: 'required-values',
      what: '`${v:?message}` and `${v?message}` end the build with the message',
      status: 'yes',
      probes: [
        { dockerfile: 'FROM scratch\nLABEL a=${u:?give it}\n', fails: 'give it' },
        { dockerfile: 'FROM scratch\nLABEL a=${u?give it}\n', fails: 'give it' },
        expands({ '${v:?x}': 'value' }),
      ],
    },
    {
      slug: 'trimming',
      what: '`${v#pattern}` `##` `%` `%%`',
      status: 'yes',
      probes: [
        expands({
          '${path#*/}': 'a/b.tar.gz',
          '${path##*/}': 'b.tar.gz',
          '${path%.*}': '/a/b.tar',
          '${path%%.*}': '/a/b',
        }),
      ],
    },
    {
      slug: 'replacing',
      what: '`${v/pattern/text}` and `${v//pattern/text}`',
      status: 'yes',
      probes: [expands({ '${path/a/x}': '/x/b.tar.gz', '${path//a/x}': '/x/b.txr.gz' })],
    },
    {
      slug: 'quotes',
      what: 'Quotes and escapes go; single quotes and `\\$` keep a variable from being expanded',
      status: 'yes',
      probes: [expands({ '"$v"': 'value', "'$v'": '$v', '\\$v': '$v', 'a\\ b': 'a b' })],
    },
    {
      slug: 'word-splitting',
      what: 'EXPOSE splits a value into words, COPY and ADD do not',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nARG ports="80 81" name="a b"\nEXPOSE $ports\nCOPY $name /c\n',
          files: { 'a b': 'x' },
          config: { config: { ExposedPorts: { '80/tcp': {}, '81/tcp': {} } } },
          tree: { '/c': 'x' },
        },
      ],
    },
    {
      slug: 'variable-case',
      what: 'Names of variables are case-sensitive',
      status: 'yes',
      probes: [expands({ '"${V:-other}"': 'other' })],
    },
    {
      slug: 'global-args',
      what: 'ARG before the first FROM counts in FROM lines; a stage imports it with `ARG NAME`',
      status: 'yes',
      probes: [
        {
          dockerfile: 'ARG V=1\nFROM scratch AS s1\nLABEL in=${V:-none}\nFROM s$V\nARG V\nLABEL out=$V\n',
          config: { config: { Labels: { in: 'none', out: '1' } } },
        },
      ],
    },
    {
      slug: 'stage-args',
      what: 'ARG in a stage counts from its line on and in stages built from it; ENV wins over ARG',
      status: 'yes',
      probes: [
        {
          dockerfile:
            'FROM scratch AS one\nLABEL before=${V:-none}\nARG V=arg W=arg\nENV W=env\nFROM one\nLABEL v=$V w=$W\n',
          flags: ['--build-arg=W=flag'],
          config: { config: { Labels: { before: 'none', v: 'arg', w: 'env' } } },
        },
      ],
    },
    {
      slug: 'platform-args',
      what: '`BUILDPLATFORM`, `BUILDOS`, `BUILDARCH`, `BUILDVARIANT`, the same with `TARGET…`, and `TARGETSTAGE`',
      status: 'yes',
      probes: [
        {
          dockerfile:
            'FROM scratch AS last\nARG TARGETPLATFORM TARGETOS TARGETARCH TARGETVARIANT TARGETSTAGE BUILDOS\nLABEL a=$TARGETPLATFORM/$TARGETOS/$TARGETARCH/$TARGETVARIANT/$TARGETSTAGE/$BUILDOS\n',
          flags: ['--platform=linux/arm/v7', '--target=last'],
          config: { config: { Labels: { a: 'linux/arm/v7/linux/arm/v7/last/linux' } } },
        },
      ],
    },
    {
      slug: 'os-version-args',
      what: '`BUILDOSVERSION` and `TARGETOSVERSION`',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nARG TARGETOSVERSION\nLABEL a="[$TARGETOSVERSION]"\n',
          config: { config: { Labels: { a: '[]' } } },
        },
      ],
    },
    {
      slug: 'proxy-args',
      what: 'Proxy variables (`HTTP_PROXY`, `no_proxy`, …) reach RUN without an ARG, and stay out of history and keys',
      status: 'yes',
      probes: [
        {
          needs: ['steps'],
          dockerfile: 'FROM base\nRUN test -n "$HTTP_PROXY"\n',
          flags: ['--build-arg=HTTP_PROXY=http://proxy.example.com:8080'],
          see: async ({ image }) => {
            if (JSON.stringify((await image()).config).includes('proxy.example'))
              throw new Error('the image has it');
          },
        },
      ],
    },
    {
      slug: 'build-arg-from-environment',
      what: '`--build-arg NAME` without a value takes it from the environment, or leaves it unset',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nARG A=none B=none\nLABEL a=$A b=$B\n',
          flags: ['--build-arg=A', '--build-arg=B'],
          env: { A: 'given' },
          config: { config: { Labels: { a: 'given', b: 'none' } } },
        },
      ],
    },
    {
      slug: 'unused-build-args',
      what: 'A build argument that no ARG takes is warned of',
      status: 'yes',
      probes: [
        { dockerfile: 'FROM scratch\nLABEL a=1\n', flags: ['--build-arg=NOBODY=1'], stderr: 'NOBODY' },
      ],
    },
    {
      slug: 'keep-git-dir-arg',
      what: '`BUILDKIT_CONTEXT_KEEP_GIT_DIR`',
      status: 'yes',
      probes: [
        {
          needs: ['git'],
          context: '{git}#main',
          flags: ['--build-arg=BUILDKIT_CONTEXT_KEEP_GIT_DIR=1'],
          tree: { '/.git/HEAD': {} },
        },
      ],
    },
    {
      slug: 'cache-mount-namespace-arg',
      what: '`BUILDKIT_CACHE_MOUNT_NS`: cache mounts of different names are kept apart',
      status: 'yes',
      probes: [
        {
          needs: ['steps'],
          dockerfile: 'FROM base\nRUN --mount=type=cache,target=/ns-c test ! -e /ns-c/x && touch /ns-c/x\n',
          flags: ['--build-arg=BUILDKIT_CACHE_MOUNT_NS=two'],
          before: [
            [
              'build',
              '--no-cache',
              '--build-context=base=oci-layout://{base}:latest',
              '-o',
              'type=cacheonly',
              '--build-arg=BUILDKIT_CACHE_MOUNT_NS=one',
              '.',
            ],
          ],
        },
      ],
    },
    {
      slug: 'sandbox-hostname-arg',
      what: '`BUILDKIT_SANDBOX_HOSTNAME`: the host name that steps see',
      status: 'yes',
      probes: [
        {
          needs: ['steps'],
          dockerfile: 'FROM base\nRUN test "$(hostname)" = wilma\n',
          flags: ['--build-arg=BUILDKIT_SANDBOX_HOSTNAME=wilma'],
        },
      ],
    },
    {
      slug: 'multi-platform-arg',
      what: '`BUILDKIT_MULTI_PLATFORM=1`: an index also over a single platform',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nLABEL a=1\n',
          flags: ['--build-arg=BUILDKIT_MULTI_PLATFORM=1'],
          see: async ({ json }) => {
            const { manifests } = (await json('image/index.json')) as { manifests: { mediaType: string }[] };
            if (!manifests[0]?.mediaType.includes('image.index.v1')) throw new Error('there is no index');
          },
        },
      ],
    },
    {
      slug: 'build-name-arg',
      what: '`BUILDKIT_BUILD_NAME`: the name of the build in the history of builds',
      status: 'no',
      unproven: 'there is no such history; the argument is taken and names nothing',
    },
    {
      slug: 'inline-cache-arg',
      what: '`BUILDKIT_INLINE_CACHE=1`',
      status: 'partly',
      note: "The cache is in Slipway's own format, which BuildKit does not read",
      probes: [
        {
          dockerfile: 'FROM scratch\nCOPY f /inline\n',
          files: { f: 'x' },
          flags: ['--build-arg=BUILDKIT_INLINE_CACHE=1'],
          see: async ({ image }) => assert.ok('slipway.cache.v1' in (await image()).config),
        },
      ],
    },
    {
      slug: 'sbom-scan-args',
      what: '`BUILDKIT_SBOM_SCAN_CONTEXT` and `BUILDKIT_SBOM_SCAN_STAGE`',
      status: 'yes',
      probes: [
        {
          dockerfile:
            'ARG BUILDKIT_SBOM_SCAN_CONTEXT=true\nFROM scratch AS one\nARG BUILDKIT_SBOM_SCAN_STAGE=true\nCOPY a /\nFROM scratch\nCOPY --from=one /a /\n',
          files: { a: '' },
          flags: ['--sbom=true', '--output=../out'],
          wrote: {
            'out/sbom.spdx.json': 'SPDX',
            'out/sbom-context.spdx.json': 'SPDX',
            'out/sbom-one.spdx.json': 'SPDX',
          },
        },
      ],
    },
  ],
};
