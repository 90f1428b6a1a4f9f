// Rows: metadata, bake files and Compose files.
import * as assert from 'uvu/assert';
import type { Probe, Section } from '../row.ts';

const dockerfile = 'FROM scratch\nARG A=0\nLABEL a=$A\n';
/** What `bake --print` makes of the default target. */
const prints = (hcl: string, expected: Record<string, unknown>, rest: Partial<Probe> = {}): Probe => ({
  files: { 'docker-bake.hcl': hcl, ...rest.files },
  argv: ['bake', '--print', ...(rest.flags ?? [])],
  ...(rest.env ? { env: rest.env } : {}),
  see: ({ stdout }) => {
    const { target } = JSON.parse(stdout.toString()) as { target: Record<string, Record<string, unknown>> };
    for (const [key, value] of Object.entries(expected)) assert.equal(target['default']?.[key], value, key);
  },
});
const compose = (build: string, expected: Record<string, unknown>): Probe => ({
  files: { 'compose.yaml': `services:\n  default:\n    build:\n${build.replace(/^/gm, '      ')}\n` },
  argv: ['bake', '--print', 'default'],
  see: prints('', expected).see!,
});
const refusedBake = (files: Record<string, string>, ...argv: string[]): Probe => ({
  files,
  argv: ['bake', ...argv],
  refused: true,
});
const target = 'target "default" {\n  dockerfile-inline = "FROM scratch"\n}\n';

export const bake: Section = {
  slug: 'bake',
  title: 'Metadata, bake files, Compose files',
  rows: [
    {
      slug: 'metadata-file',
      what: '`--metadata-file`: `containerimage.digest`, `containerimage.config.digest`, `containerimage.descriptor`, `image.name`',
      status: 'yes',
      probes: [
        {
          dockerfile,
          flags: ['--metadata-file=../m.json', '--output=type=image', '-t', 'meta:1'],
          see: async ({ json }) => {
            const metadata = await json('m.json');
            for (const key of [
              'containerimage.digest',
              'containerimage.config.digest',
              'containerimage.descriptor',
              'image.name',
            ])
              assert.ok(metadata[key], key);
          },
        },
      ],
    },
    {
      slug: 'metadata-provenance',
      what: '`--metadata-file`: `buildx.build.provenance`',
      status: 'yes',
      note: 'Where provenance is asked for',
      probes: [
        {
          dockerfile,
          flags: ['--metadata-file=../m.json', '--provenance=true', '--output=type=image'],
          wrote: { 'm.json': '"buildx.build.provenance"' },
        },
        {
          dockerfile,
          flags: [
            '--metadata-file=../m.json',
            '--provenance=true',
            '--platform=linux/amd64,linux/arm64',
            '--output=../out',
          ],
          wrote: { 'm.json': '"buildx.build.provenance/linux/arm64"' },
        },
      ],
    },
    {
      slug: 'metadata-ref',
      what: '`--metadata-file`: `buildx.build.ref`',
      status: 'no',
      unproven:
        'the key is not there: it names a record in the history of builds, and there is no such history',
    },
    {
      slug: 'bake-files',
      what: 'Bake files found and merged as by buildx: Compose, JSON, HCL, overrides; `-f`, standard input',
      status: 'yes',
      probes: [
        prints(
          target,
          { args: { A: '2' } },
          {
            files: { 'docker-bake.override.json': '{"target": {"default": {"args": {"A": "2"}}}}' },
          },
        ),
        { argv: ['bake', '--print', '-f', '-'], stdin: target, stdout: '"dockerfile-inline"' },
      ],
    },
    {
      slug: 'bake-remote',
      what: 'Bake files of a Git repository or behind a URL: `bake URL [TARGET…]`, `-f cwd://FILE`, `BAKE_CMD_CONTEXT`',
      status: 'yes',
      probes: [
        {
          needs: ['git'],
          argv: ['bake', '{git}', '--allow=fs=*', '--set=*.output=type=oci,tar=false,dest=../image'],
          config: { config: { Labels: { sub: '1' } } },
          tree: { '/inner.txt': 'inner\n', '/hello.txt': false },
        },
        {
          needs: ['git'],
          files: {
            'local.hcl': 'target "default" {\n  dockerfile = "cwd://Local"\n}\n',
            Local: 'FROM scratch\nCOPY --from=all hello.txt /\n',
          },
          argv: [
            'bake',
            '{git}#main',
            '-f',
            'docker-bake.hcl',
            '-f',
            'cwd://local.hcl',
            '--set=*.output=type=oci,tar=false,dest=../image',
            '--allow=fs=*',
          ],
          tree: { '/hello.txt': 'hello\n' },
        },
        {
          argv: ['bake', '{http}/docker-bake.hcl', '--allow=fs.write=..'],
          files: { Dockerfile: 'FROM scratch\nLABEL here=1\n' },
          config: { config: { Labels: { here: '1' } } },
        },
      ],
    },
    {
      slug: 'bake-hcl',
      what: 'HCL: targets, groups, variables (types, validation), functions, `inherits`, `matrix`, `name`, the standard library, `BAKE_CMD_CONTEXT`, `BAKE_LOCAL_PLATFORM`, values from the environment',
      status: 'yes',
      probes: [
        prints(
          'variable "V" {\n  type = number\n  default = 1\n}\nfunction "twice" {\n  params = [n]\n  result = n * 2\n}\ntarget "_base" {\n  args = { B = upper("b") }\n}\ntarget "default" {\n  inherits = ["_base"]\n  args = { A = twice(V), L = "${BAKE_CMD_CONTEXT}" }\n}\n',
          { args: { B: 'B', A: '6', L: 'cwd://' } },
          { env: { V: '3' } },
        ),
        {
          files: {
            'docker-bake.hcl':
              'target "default" {\n  name = "app-${v}"\n  matrix = { v = ["a", "b"] }\n  args = { V = v }\n}\nvariable "N" {\n  default = 5\n  validation {\n    condition = N < 9\n    error_message = "too many"\n  }\n}\n',
          },
          argv: ['bake', '--print'],
          stdout: /app-a[\s\S]*app-b/,
        },
        {
          files: {
            'docker-bake.hcl':
              'variable "N" {\n  default = 5\n  validation {\n    condition = N < 9\n    error_message = "too many"\n  }\n}\ntarget "default" {}\n',
          },
          env: { N: '10' },
          argv: ['bake', '--print'],
          fails: 'too many',
        },
      ],
    },
    {
      slug: 'bake-functions',
      what: "Some functions of buildx's library that make little sense here",
      status: 'no',
      probes: [refusedBake({ 'docker-bake.hcl': 'target "default" {\n  args = { A = bcrypt("a") }\n}\n' })],
    },
    {
      slug: 'bake-attributes',
      what: 'Attributes of targets: args, annotations, attest, cache-from, cache-to, context, contexts, description, dockerfile, dockerfile-inline, entitlements, extra-hosts, labels, network, no-cache, no-cache-filter, output, platforms, pull, resources, secret, shm-size, ssh, tags, target, ulimits',
      status: 'yes',
      probes: [
        prints(
          [
            'target "default" {',
            'attest = ["type=sbom"]',
            'cache-from = ["type=local,src=c"]',
            'contexts = { o = "./o" }',
            'dockerfile = "d"',
            'entitlements = ["network.host"]',
            'no-cache-filter = ["one"]',
            'resources = { memory = "1g" }',
            'secret = ["id=a,env=A"]',
            'ssh = ["default"]',
            '}',
          ].join('\n'),
          {
            contexts: { o: './o' },
            dockerfile: 'd',
            entitlements: ['network.host'],
            'no-cache-filter': ['one'],
            resources: { memory: '1g' },
          },
        ),
        {
          files: {
            'docker-bake.json': JSON.stringify({
              target: {
                default: {
                  args: { A: '1' },
                  annotations: ['manifest:k=v'],
                  'cache-to': ['type=local,dest=../cache'],
                  description: 'text',
                  'dockerfile-inline': 'FROM scratch AS one\nARG A\nLABEL a=$A\nFROM one\n',
                  'extra-hosts': { 'a.test': '192.0.2.1' },
                  labels: { l: '2' },
                  network: 'none',
                  'no-cache': false,
                  output: ['type=oci,tar=false,dest=../image'],
                  platforms: ['linux/arm64'],
                  pull: false,
                  'shm-size': '8m',
                  tags: ['baked:1'],
                  target: 'one',
                  ulimits: ['nofile=512'],
                },
              },
            }),
          },
          argv: ['bake'],
          config: { architecture: 'arm64', config: { Labels: { a: '1', l: '2' } } },
        },
      ],
    },
    {
      slug: 'bake-unsupported-attributes',
      what: 'Attributes of targets: `policy`',
      status: 'no',
      probes: [refusedBake({ 'docker-bake.hcl': 'target "default" {\n  policy = ["filename=a.rego"]\n}\n' })],
    },
    {
      slug: 'bake-flags',
      what: 'Flags: `--allow`, `-f`, `--list`, `--load`, `--metadata-file`, `--no-cache`, `--print`, `--progress`, `--provenance`, `--pull`, `--sbom`, `--set`, `--var`',
      status: 'yes',
      probes: [
        prints(
          `variable "V" {}\n${target}`,
          { args: { A: '1', B: '2' } },
          { flags: ['--set=*.args.A=1', '--set=default.args.B=2', '--var=V=3'] },
        ),
        { files: { 'docker-bake.hcl': target }, argv: ['bake', '--list=targets'], stdout: 'default' },
        {
          files: { 'docker-bake.hcl': target },
          argv: ['bake', '--no-cache', '--pull', '--progress=plain', '--set=*.output=type=cacheonly'],
        },
        {
          files: { 'docker-bake.hcl': target },
          argv: ['bake', '--load', '--provenance=true', '--sbom=true', '--metadata-file=../m.json'],
          wrote: { 'm.json': '"default"' },
        },
      ],
    },
    {
      slug: 'bake-call',
      what: '`bake --call`, `bake --check`, the attribute `call`',
      status: 'yes',
      probes: [
        {
          files: {
            'docker-bake.hcl': 'target "default" {\n  dockerfile-inline = "FROM scratch\\nLABEL a=$B"\n}\n',
          },
          argv: ['bake', '--check'],
          code: 1,
          stdout: /^default\n\nCheck complete, 1 warning[\s\S]*UndefinedVar/,
        },
        {
          files: { 'docker-bake.hcl': target, Dockerfile: 'FROM scratch\n' },
          argv: ['bake', '--call=outline,format=json', '--set=*.dockerfile-inline='],
          see: ({ stdout }) => {
            const { default: answer } = JSON.parse(stdout.toString()).target;
            assert.equal(Object.keys(answer), ['build', 'outline']);
          },
        },
        {
          files: {
            'docker-bake.hcl': 'target "default" {\n  call = "targets"\n}\n',
            Dockerfile: 'FROM scratch AS one\n',
          },
          argv: ['bake'],
          stdout: /default\n\nTARGET[\s\S]*one \(default\)/,
        },
      ],
    },
    {
      slug: 'bake-push',
      what: '`bake --push`',
      status: 'yes',
      probes: [
        {
          needs: ['registry'],
          files: {
            'docker-bake.hcl':
              'target "default" {\n  dockerfile-inline = "FROM scratch\\nCOPY docker-bake.hcl /"\n  tags = ["{registry}/baked:1"]\n}\n',
          },
          argv: ['bake', '--push'],
        },
      ],
    },
    {
      slug: 'bake-policy',
      what: '`bake --policy`',
      status: 'no',
      probes: [refusedBake({ 'docker-bake.hcl': target }, '--policy=filename=a.rego')],
    },
    {
      slug: 'compose-build',
      what: 'Compose: `build:` with context, dockerfile, dockerfile_inline, args, ssh, additional_contexts, extra_hosts, labels, network, no_cache, pull, shm_size, target, secrets, tags, ulimits, platforms, provenance, sbom; `x-bake`',
      status: 'yes',
      probes: [
        compose(
          'context: .\ndockerfile: other\nssh: [default]\nadditional_contexts: {o: ./o}\nextra_hosts: ["a.test:192.0.2.1"]\nnetwork: none\nno_cache: true\npull: true\nshm_size: 8m\nulimits: {nofile: 512}\nprovenance: true\nsbom: true\nentitlements: [network.host]',
          {
            dockerfile: 'other',
            contexts: { o: './o' },
            'extra-hosts': { 'a.test': '192.0.2.1' },
            network: 'none',
            'no-cache': true,
            pull: true,
            entitlements: ['network.host'],
          },
        ),
        compose(
          'dockerfile_inline: FROM scratch\nargs: [A=1]\nlabels: {l: "2"}\ntarget: t\ntags: [a:1]\nplatforms: [linux/arm64]\nx-bake:\n  no-cache: true',
          { args: { A: '1' }, labels: { l: '2' }, target: 't', platforms: ['linux/arm64'], 'no-cache': true },
        ),
      ],
    },
    {
      slug: 'compose-unsupported',
      what: 'Compose: `isolation`, `privileged`; `include` and `extends`',
      status: 'no',
      probes: [
        refusedBake({
          'compose.yaml': 'services:\n  default:\n    build:\n      context: .\n      isolation: hyperv\n',
        }),
        refusedBake({
          'compose.yaml': 'services:\n  default:\n    build:\n      context: .\n      privileged: true\n',
        }),
        refusedBake({ 'compose.yaml': 'include: [other.yaml]\nservices:\n  default:\n    build: .\n' }),
      ],
    },
    {
      slug: 'bake-shared-work',
      what: 'Steps that targets share run once',
      status: 'yes',
      probes: [
        {
          files: {
            'docker-bake.hcl':
              'group "default" {\n  targets = ["a", "b"]\n}\ntarget "a" {\n  output = ["type=cacheonly"]\n}\ntarget "b" {\n  output = ["type=cacheonly"]\n  labels = { l = "1" }\n}\n',
            Dockerfile: 'FROM scratch\nWORKDIR /shared-by-targets\n',
          },
          argv: ['bake', '--progress=plain'],
          stderr: /1 ran/,
        },
      ],
    },
    {
      slug: 'bake-file-rights',
      what: '`--allow fs.read=…`, `fs.write=…`, `fs=…`, `ssh`: rights for files outside of the current folder',
      status: 'partly',
      note: 'They hold for bake files from elsewhere; those of this machine may read and write what the user may',
      probes: [
        {
          argv: ['bake', '{http}/greedy.hcl'],
          files: { Dockerfile: 'FROM scratch\n' },
          fails: 'read /etc/passwd, outside of the current folder',
        },
        {
          argv: ['bake', '{http}/greedy.hcl', '--allow=fs.read=/etc/passwd', '--set=*.output=type=cacheonly'],
          files: { Dockerfile: 'FROM scratch\n' },
        },
      ],
    },
  ],
};
