// The flags of `slipway bake` as data, named as in docker buildx bake; what means the same as for a build is taken from there.
import type { Flag } from '../arguments.ts';
import { bakePlanFlags } from './bake-plan-flags.ts';
import { type BuildFlagName, buildFlags } from './build-flags.ts';
import { pushFlags, registryFlags } from './registry-flags.ts';

const groups = {
  input: 'What to build',
  change: 'What changes in every target',
  report: 'What is told',
} as const;
const otherwise = 'Not supported';

const own = [
  {
    name: 'file',
    short: 'f',
    type: 'list',
    value: 'PATH',
    group: groups.input,
    help: 'a bake file or a Compose file; several are merged, later ones win (default: those of the usual names in the current folder); - reads standard input',
  },
  {
    name: 'set',
    type: 'list',
    value: 'TARGET.KEY=VALUE',
    group: groups.input,
    help: 'change a value of targets, as in app.args.VERSION=2 or "*.platform=linux/arm64"; += adds to a list',
  },
  {
    name: 'var',
    type: 'list',
    value: 'NAME=VALUE',
    group: groups.input,
    help: 'value of a variable; it goes before the environment',
  },
  {
    name: 'allow',
    type: 'list',
    value: 'RIGHT',
    group: groups.input,
    help: 'let targets have the network.host or security.insecure that they ask for',
  },
  {
    name: 'no-cache',
    type: 'boolean',
    group: groups.change,
    help: 'run every step anew; results are still recorded',
  },
  { name: 'pull', type: 'boolean', group: groups.change, help: 'ask the registry for base images anew' },
  {
    name: 'load',
    type: 'boolean',
    group: groups.change,
    help: 'put images in the local image store, also of targets with other outputs',
  },
  { name: 'push', type: 'boolean', group: groups.change, help: 'push images: short for --set "*.push=true"' },
  {
    name: 'provenance',
    type: 'text',
    value: 'VALUE',
    group: groups.change,
    help: 'short for --set "*.attest=type=provenance,VALUE"',
  },
  {
    name: 'sbom',
    type: 'text',
    value: 'VALUE',
    group: groups.change,
    help: 'short for --set "*.attest=type=sbom,VALUE"',
  },
  {
    name: 'secret-check',
    type: 'text',
    value: 'MODE',
    choices: ['error', 'warn', 'off'],
    group: groups.change,
    help: 'short for --set "*.secret-check=MODE"',
  },
  {
    name: 'print',
    type: 'boolean',
    group: groups.report,
    help: 'print what would be built, as JSON, and build nothing',
  },
  {
    name: 'list',
    type: 'text',
    value: 'WHAT',
    group: groups.report,
    help: 'list the targets or the variables; type=variables,format=json for JSON',
  },
  {
    name: 'check',
    type: 'boolean',
    group: groups.report,
    help: "check the targets' Dockerfiles and build nothing: short for --call=check",
  },
  {
    name: 'call',
    type: 'text',
    value: 'METHOD',
    group: groups.report,
    help: 'build, check, outline or targets, of every target; with ,format=json one document by target',
  },
  {
    name: 'metadata-file',
    type: 'text',
    value: 'PATH',
    group: groups.report,
    help: 'write what is known of each result to this file, as JSON by target',
  },
  {
    name: 'cache-report',
    type: 'text',
    value: 'PATH',
    group: groups.report,
    help: 'write to this file which steps hit and where, which missed and why, and what that took, as JSON by target',
  },
  {
    name: 'explain',
    type: 'boolean',
    group: groups.report,
    help: 'say in the end why steps missed the cache, as slipway explain does',
  },
] as const satisfies readonly Flag[];

const unsupported = [
  {
    name: 'builder',
    type: 'text',
    group: otherwise,
    help: 'choose a builder',
    unsupported: { way: 'leave it out: there is no daemon, the build runs in this process' },
  },
  {
    name: 'execution',
    type: 'text',
    group: otherwise,
    help: 'what a failure does to other targets',
    unsupported: {
      way: 'leave it out: the first failure ends the bake, and what is done is in the cache',
      except: ['fail-fast'],
    },
  },
  {
    name: 'policy',
    type: 'list',
    group: otherwise,
    help: 'source policy',
    unsupported: { way: 'leave it out and pin base images by digest: FROM name@sha256:…' },
  },
] as const satisfies readonly Flag[];

const shared = [
  'offline',
  'lock',
  'frozen',
  'lock-file',
  ...registryFlags.map(({ name }) => name),
  ...pushFlags.map(({ name }) => name),
  'cache-ttl',
  'progress',
  'debug',
  'help',
  'root',
  'isolation',
  'require',
  'snapshotter',
  'timeout',
  'jobs',
] as const satisfies readonly BuildFlagName[];

export type BakeFlagName =
  | (typeof bakePlanFlags)[number]['name']
  | (typeof own)[number]['name']
  | (typeof unsupported)[number]['name']
  | (typeof shared)[number];

export const bakeFlags: readonly Flag<BakeFlagName>[] = [
  ...own,
  ...bakePlanFlags,
  ...buildFlags.filter((flag): flag is Flag<(typeof shared)[number]> =>
    (shared as readonly string[]).includes(flag.name),
  ),
  ...unsupported,
];
