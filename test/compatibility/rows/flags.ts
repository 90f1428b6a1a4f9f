// Rows: the flags of `docker buildx build`.
import * as assert from 'uvu/assert';
import type { Probe, Section } from '../row.ts';
import { classicRows } from './classic-flags.ts';

const plain = 'FROM scratch\nLABEL a=1\n';
const flag = (...flags: string[]): Probe => ({ dockerfile: plain, flags, refused: true });
const steps = (line: string, flags: string[], rest: Partial<Probe> = {}): Probe => ({
  needs: ['steps'],
  dockerfile: `FROM base\nRUN ${line}\n`,
  flags,
  ...rest,
});

export const flags: Section = {
  slug: 'flags',
  title: 'Flags of `slipway build`',
  rows: [
    {
      slug: 'flag-add-host',
      what: '`--add-host name:ip`, `name=ip`, `[ipv6]`, `host-gateway`; the address is in no key',
      status: 'yes',
      probes: [
        steps('grep -q "192.0.2.7.*db.test" /etc/hosts && grep -q "2001:db8::1.*v6.test" /etc/hosts', [
          '--add-host=db.test:192.0.2.7',
          '--add-host=v6.test=[2001:db8::1]',
        ]),
        steps('grep -q "gate.test" /etc/hosts', ['--add-host=gate.test:host-gateway']),
      ],
    },
    {
      slug: 'flag-allow',
      what: '`--allow network.host`, `security.insecure`',
      status: 'yes',
      probes: [steps('--network=host true', ['--allow=network.host,security.insecure'])],
    },
    { slug: 'flag-allow-device', what: '`--allow device`', status: 'no', probes: [flag('--allow=device')] },
    {
      slug: 'flag-annotation',
      what: '`--annotation [type[platform]:]key=value` for manifest, index, manifest-descriptor, index-descriptor',
      status: 'yes',
      probes: [
        {
          dockerfile: plain,
          flags: ['--annotation=manifest,manifest-descriptor:k=v'],
          see: async ({ image }) => {
            const { manifest, index } = await image();
            assert.is(manifest.annotations?.['k'], 'v');
            assert.is(index.manifests[0]?.annotations?.['k'], 'v');
          },
        },
        { dockerfile: plain, flags: ['--annotation=index:k=v', '--output=type=image'], fails: /index/ },
      ],
    },
    {
      slug: 'flag-attest',
      what: '`--attest type=provenance|sbom,…`',
      status: 'yes',
      probes: [
        {
          dockerfile: plain,
          flags: ['--attest=type=sbom', '--output=../out'],
          wrote: { 'out/sbom.spdx.json': 'SPDX' },
        },
      ],
    },
    {
      slug: 'flag-build-arg',
      what: '`--build-arg`',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nARG A\nLABEL a=$A\n',
          flags: ['--build-arg=A=b'],
          config: { config: { Labels: { a: 'b' } } },
        },
      ],
    },
    {
      slug: 'flag-build-arg-file',
      what: 'Buildah: `--build-arg-file`',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nARG A B\nLABEL a=$A b=$B\n',
          files: { args: 'A=1\nB=2\n' },
          flags: ['--build-arg-file=args', '--build-arg=B=3'],
          config: { config: { Labels: { a: '1', b: '3' } } },
        },
      ],
    },
    {
      slug: 'flag-build-context',
      what: '`--build-context`',
      status: 'yes',
      note: 'See [contexts](#contexts)',
      probes: [
        {
          dockerfile: 'FROM scratch\nCOPY --from=o f /\n',
          files: { 'o/f': 'x' },
          flags: ['--build-context=o=o'],
          tree: { '/f': 'x' },
        },
      ],
    },
    { slug: 'flag-builder', what: '`--builder`', status: 'no', probes: [flag('--builder=mine')] },
    {
      slug: 'flag-cache-from',
      what: '`--cache-to`, `--cache-from` with `type=registry`, `local`, `s3`, `gha`, `inline`',
      status: 'partly',
      note: "In Slipway's own format: BuildKit's caches are neither read nor written",
      probes: [
        {
          dockerfile: 'FROM scratch\nWORKDIR /shared-cache\n',
          before: [['build', '--cache-to=type=local,dest=../cache', '-o', 'type=cacheonly', '.']],
          flags: ['--cache-from=type=local,src=../cache', '--root=../other', '--progress=plain'],
          stderr: / 1 from the cache/,
        },
        {
          dockerfile: 'FROM scratch\nWORKDIR /shared-cache\n',
          flags: [
            '--cache-from=type=gha,scope=a',
            '--cache-to=type=gha,scope=a,mode=max',
            '--progress=plain',
          ],
          stderr: /gha:a is not used: this is no step of GitHub Actions/,
        },
      ],
    },
    {
      slug: 'flag-cache-gha',
      what: '`type=gha` with `url`, `version=1`, `repository`, `ghtoken`',
      status: 'no',
      probes: [
        flag('--cache-to=type=gha,url=https://cache.example.com/'),
        flag('--cache-to=type=gha,version=1'),
        flag('--cache-to=type=gha,repository=a/b'),
        flag('--cache-to=type=gha,ghtoken=x'),
      ],
    },
    {
      slug: 'flag-cache-others',
      what: '`--cache-to`, `--cache-from` with `type=azblob`',
      status: 'no',
      probes: [flag('--cache-from=type=azblob,name=a')],
    },
    {
      slug: 'flag-call',
      what: '`--call build`, `check`, `outline`, `targets`, each with `format=json`; `--check`',
      status: 'yes',
      probes: [
        { dockerfile: 'FROM scratch as x\nLABEL a=1\n', flags: ['--check'], code: 1, stdout: 'FromAsCasing' },
        { dockerfile: plain, flags: ['--call=outline,format=json'], stdout: /^\{/ },
        { dockerfile: plain, flags: ['--call=targets,format=json'], stdout: /^\{/ },
      ],
    },
    {
      slug: 'flag-call-subrequests',
      what: '`--call subrequests.describe`',
      status: 'no',
      probes: [flag('--call=subrequests.describe')],
    },
    {
      slug: 'flag-cgroup-parent',
      what: '`--cgroup-parent`',
      status: 'yes',
      probes: [
        steps('true # in a cgroup', ['--cgroup-parent=/compatibility-test'], { needs: ['steps', 'cgroups'] }),
      ],
    },
    {
      slug: 'flag-debug',
      what: '`-D`, `--debug`',
      status: 'yes',
      note: 'Shows stack traces with errors',
      probes: [{ dockerfile: 'FROM scratch\nCOPY missing /\n', flags: ['-D'], fails: /\n\s+at / }],
    },
    {
      slug: 'flag-file',
      what: '`-f`, `--file`: a path, a URL, `-`',
      status: 'yes',
      note: 'See [contexts](#contexts)',
      probes: [
        { files: { other: plain }, flags: ['--file=other'], config: { config: { Labels: { a: '1' } } } },
      ],
    },
    {
      slug: 'flag-iidfile',
      what: '`--iidfile`',
      status: 'yes',
      probes: [{ dockerfile: plain, flags: ['--iidfile=../id'], wrote: { id: /^sha256:[0-9a-f]{64}$/ } }],
    },
    {
      slug: 'flag-digest-file',
      what: 'Kaniko: `--digest-file`',
      status: 'yes',
      probes: [
        {
          dockerfile: plain,
          flags: ['--digest-file=../digest', '--output=type=image'],
          wrote: { digest: /^sha256:[0-9a-f]{64}$/ },
        },
      ],
    },
    {
      slug: 'flag-image-name-files',
      what: 'Kaniko: `--image-name-with-digest-file`, `--image-name-tag-with-digest-file`',
      status: 'no',
      probes: [flag('--image-name-with-digest-file=x')],
    },
    {
      slug: 'flag-label',
      what: '`--label`',
      status: 'yes',
      probes: [
        {
          dockerfile: plain,
          flags: ['--label=a=2', '--label=b'],
          config: { config: { Labels: { a: '2', b: '' } } },
        },
      ],
    },
    {
      slug: 'flag-load',
      what: '`--load`',
      status: 'partly',
      note: 'The image goes to the local image store, the state folder; for Docker itself: `-o type=docker,dest=- | docker load`',
      probes: [{ dockerfile: plain, flags: ['--load', '--tag=loaded:1'], stderr: 'loaded:1' }],
    },
    {
      slug: 'flag-metadata-file',
      what: '`--metadata-file`',
      status: 'yes',
      probes: [
        {
          dockerfile: plain,
          flags: ['--metadata-file=../meta', '--output=type=image'],
          wrote: { meta: /"containerimage\.config\.digest": "sha256:/ },
        },
      ],
    },
    {
      slug: 'flag-network',
      what: '`--network default`, `none`, `host`',
      status: 'yes',
      probes: [
        steps('test "$(ls /sys/class/net)" = lo', ['--network=none']),
        steps('true # host', ['--network=host', '--allow=network.host']),
      ],
    },
    {
      slug: 'flag-no-cache',
      what: '`--no-cache`: nothing is taken from the cache, results go there',
      status: 'yes',
      probes: [
        steps('true # no-cache', ['--no-cache', '--progress=plain'], {
          stderr: / 0 from the cache, 1 ran/,
          before: [],
        }),
      ],
    },
    {
      slug: 'flag-no-cache-filter',
      what: '`--no-cache-filter STAGE,…`; one that is not there is warned of',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch AS one\nWORKDIR /nf1\nFROM one AS two\nWORKDIR /nf2\n',
          before: [['build', '-o', 'type=cacheonly', '.']],
          flags: ['--no-cache-filter=two', '--progress=plain'],
          stderr: / 1 from the cache, 1 ran/,
        },
        { dockerfile: plain, flags: ['--no-cache-filter=missing'], stderr: '"missing", which is no stage' },
      ],
    },
    {
      slug: 'flag-output',
      what: '`-o`, `--output`, repeatable; a path alone is a folder, `-` a tar on standard output',
      status: 'yes',
      note: 'See [outputs](#outputs)',
      probes: [
        {
          dockerfile: 'FROM scratch\nCOPY f /\n',
          files: { f: 'x' },
          flags: ['-o', '../out', '--output=type=oci,dest=../i.tar'],
          wrote: { 'out/f': 'x', 'i.tar': 'oci-layout' },
        },
        { dockerfile: 'FROM scratch\nCOPY f /\n', files: { f: 'x' }, flags: ['-o', '-'], stdout: 'ustar' },
      ],
    },
    {
      slug: 'flag-platform',
      what: '`--platform`, several with commas, `local`',
      status: 'yes',
      probes: [{ dockerfile: plain, flags: ['--platform=linux/arm64,local'] }],
    },
    {
      slug: 'flag-platform-parts',
      what: 'Buildah: `--arch`, `--os`, `--variant`, `--os-version`, `--os-feature`, `--all-platforms`',
      status: 'no',
      probes: [flag('--arch=arm64'), flag('--os=linux'), flag('--variant=v7'), flag('--all-platforms')],
    },
    {
      slug: 'flag-policy',
      what: '`--policy`: Rego policies over sources',
      status: 'no',
      probes: [flag('--policy=filename=a.rego')],
    },
    {
      slug: 'flag-progress',
      what: '`--progress auto`, `tty`, `plain`, `quiet`, `none`, `rawjson`',
      status: 'yes',
      note: 'See [progress](#progress)',
      probes: [{ dockerfile: plain, flags: ['--progress=plain'], stderr: /#1 \[internal\]/ }],
    },
    {
      slug: 'flag-provenance',
      what: '`--provenance` and `--sbom`',
      status: 'yes',
      note: 'Off unless asked for. See [attestations](#attestations)',
      probes: [
        {
          dockerfile: plain,
          flags: ['--provenance=mode=max', '--sbom=true', '--output=../out'],
          wrote: { 'out/provenance.json': 'slsa' },
        },
      ],
    },
    {
      slug: 'flag-pull',
      what: '`--pull`',
      status: 'partly',
      note: 'Without it, what a tag stood for is remembered, and a rebuild needs no network; BuildKit asks the registry each time',
      probes: [{ dockerfile: plain, flags: ['--pull'] }],
    },
    {
      slug: 'flag-pull-policy',
      what: 'Buildah: `--pull=always|missing|never|newer`',
      status: 'no',
      probes: [flag('--pull=newer'), flag('--pull=never')],
    },
    {
      slug: 'flag-push',
      what: '`--push`',
      status: 'yes',
      probes: [
        {
          needs: ['registry'],
          dockerfile: plain,
          flags: ['--push', '-t', '{registry}/pushed:1'],
          stderr: /pushed:1/,
        },
      ],
    },
    {
      slug: 'flag-quiet',
      what: '`-q`, `--quiet`: the image ID alone',
      status: 'yes',
      probes: [{ dockerfile: plain, flags: ['-q'], stdout: /^sha256:[0-9a-f]{64}\n$/ }],
    },
    {
      slug: 'flag-resource',
      what: '`--resource memory=…`, `memory-swap`, `cpu-shares`, `cpu-period`, `cpu-quota`, `cpuset-cpus`, `cpuset-mems`',
      status: 'yes',
      probes: [
        steps(
          'test "$(cat /sys/fs/cgroup/memory.max || cat /sys/fs/cgroup/memory/memory.limit_in_bytes)" = 268435456',
          ['--resource=memory=256m', '--resource=cpu-shares=512'],
          { needs: ['steps', 'cgroups'] },
        ),
      ],
    },
    {
      slug: 'flag-secret',
      what: '`--secret id=…,src=…|env=…,type=file|env`; without a source a variable of that name, else a file',
      status: 'yes',
      probes: [
        steps(
          '--mount=type=secret,id=a,env=A --mount=type=secret,id=B,env=B --mount=type=secret,id=c,env=C test "$A$B$C" = 123',
          ['--secret=id=a,src=a', '--secret=id=B', '--secret=id=c,type=env,env=C'],
          { files: { a: '1' }, env: { B: '2', C: '3' } },
        ),
      ],
    },
    {
      slug: 'flag-shm-size',
      what: '`--shm-size`',
      status: 'yes',
      probes: [steps('df /dev/shm | grep -q " 8192 "', ['--shm-size=8m'])],
    },
    {
      slug: 'flag-ssh',
      what: '`--ssh default|id[=socket|key,…]`',
      status: 'yes',
      probes: [{ dockerfile: plain, flags: ['--ssh=default=/missing/key'], fails: 'missing' }],
    },
    {
      slug: 'flag-tag',
      what: '`-t`, `--tag`, repeatable',
      status: 'yes',
      probes: [
        {
          dockerfile: plain,
          flags: ['-t', 'one:1', '--tag=two', '--output=type=image'],
          stderr: /one:1.*two:latest/,
        },
      ],
    },
    {
      slug: 'flag-target',
      what: '`--target`; for one that is not there, what there is',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch AS one\nLABEL l=1\nFROM one\nLABEL l=2\n',
          flags: ['--target=one'],
          config: { config: { Labels: { l: '1' } } },
        },
        {
          dockerfile: 'FROM scratch AS builder\nLABEL l=1\n',
          flags: ['--target=bilder'],
          fails: /did you mean builder/,
        },
      ],
    },
    {
      slug: 'flag-ulimit',
      what: '`--ulimit`',
      status: 'yes',
      probes: [steps('test "$(ulimit -n)" = 512', ['--ulimit=nofile=512:1024'])],
    },
    ...classicRows,
  ],
};
