// The flags of `slipway build` as data: the parser, the help and the docs come from this table.
import type { Flag } from '../arguments.ts';
import { buildahFlags } from './buildah-flags.ts';
import { flagGroups as groups } from './flag-groups.ts';
import { type LockFlagName, lockFlags } from './lock-flags.ts';
import { isolationFlag, requireFlag, snapshotterFlag } from './machine-flags.ts';
import { progressFlag } from './progress-mode.ts';
import { refusedBuildahFlags } from './refused-buildah-flags.ts';
import { type PushFlagName, pushFlags, type RegistryFlagName, registryFlags } from './registry-flags.ts';
import { unsupportedFlags } from './unsupported-flags.ts';

const supported = [
  {
    name: 'file',
    short: 'f',
    type: 'text',
    value: 'PATH',
    once: 'a build has one Dockerfile: put them together, cat A B | slipway build -f - .',
    group: groups.input,
    help: 'the Dockerfile (default: PATH/Dockerfile); - reads it from standard input',
  },
  {
    name: 'target',
    type: 'text',
    value: 'STAGE',
    group: groups.input,
    help: 'build this stage (default: the last one)',
  },
  {
    name: 'build-arg',
    type: 'list',
    value: 'NAME[=VALUE]',
    group: groups.input,
    help: 'value of an ARG; without a value it comes from the environment',
  },
  {
    name: 'build-context',
    type: 'list',
    value: 'NAME=WHERE',
    group: groups.input,
    help: 'another context for --from=NAME: a folder, docker-image://REF, oci-layout://PATH',
  },
  {
    name: 'platform',
    type: 'list',
    value: 'OS/ARCH[,…]',
    group: groups.input,
    help: 'platforms to build for (default: this machine; also: local)',
  },
  {
    name: 'pull',
    type: 'boolean',
    instead: '--pull for always and newer, --offline for never, and nothing for missing',
    group: groups.input,
    help: 'ask the registry for base images anew',
  },
  {
    name: 'tag',
    short: 't',
    type: 'list',
    value: 'NAME[:TAG]',
    group: groups.result,
    help: 'name of the image',
  },
  { name: 'label', type: 'list', value: 'KEY=VALUE', group: groups.result, help: 'a label of the image' },
  {
    name: 'output',
    short: 'o',
    type: 'list',
    value: 'WHERE',
    group: groups.result,
    help: 'a folder for the files, - for a tar on standard output, or type=image|registry|oci|docker|local|tar|cacheonly,dest=PATH,… (default: the local image store)',
  },
  {
    name: 'load',
    type: 'boolean',
    group: groups.result,
    help: 'put the image in the local image store, which is the state folder; no Docker daemon is asked',
  },
  {
    name: 'push',
    type: 'boolean',
    group: groups.result,
    help: 'push the image to the registries that its names say; short for --output type=registry',
  },
  {
    name: 'annotation',
    type: 'list',
    value: '[TYPE[PLATFORM]:]KEY=VALUE',
    group: groups.result,
    help: 'an annotation of the image manifest, or of TYPE: index, manifest-descriptor, index-descriptor',
  },
  {
    name: 'provenance',
    type: 'text',
    value: 'true|mode=max,…',
    group: groups.result,
    help: 'say beside the image how it was made, as SLSA provenance: true, or mode=min|max, version=v1|v0.2, builder-id=URI',
  },
  {
    name: 'sbom',
    type: 'text',
    value: 'true',
    group: groups.result,
    help: 'list the packages in the image beside it, as an SPDX document',
  },
  {
    name: 'attest',
    type: 'list',
    value: 'type=TYPE,…',
    group: groups.result,
    help: 'the same as --provenance and --sbom: type=provenance,mode=max or type=sbom',
  },
  {
    name: 'iidfile',
    type: 'text',
    value: 'PATH',
    group: groups.result,
    help: 'write the image ID to this file',
  },
  {
    name: 'digest-file',
    type: 'text',
    value: 'PATH',
    group: groups.result,
    help: 'write the digest of the manifest, or of the index over several platforms, to this file',
  },
  {
    name: 'metadata-file',
    type: 'text',
    value: 'PATH',
    group: groups.result,
    help: 'write what is known of the result to this file, as JSON',
  },
  {
    name: 'cache-report',
    type: 'text',
    value: 'PATH',
    group: groups.cache,
    help: 'write to this file, as JSON, which steps hit and where, which missed and why, and what that took',
  },
  {
    name: 'explain',
    type: 'boolean',
    group: groups.cache,
    help: 'say in the end why steps missed the cache, as slipway explain does',
  },
  {
    name: 'cache-from',
    type: 'list',
    value: 'REF|type=TYPE,…',
    group: groups.cache,
    help: 'take results from a shared cache: an image or cache in a registry, or type=registry|local|s3|gha,… (docs/cache.md)',
  },
  {
    name: 'cache-to',
    type: 'list',
    value: 'REF|type=TYPE,…',
    group: groups.cache,
    help: 'put results into a shared cache: type=registry|local|s3|gha|inline,…,mode=min|max (docs/cache.md)',
  },
  {
    name: 'no-cache',
    type: 'boolean',
    group: groups.cache,
    help: 'run every step anew; results are still recorded',
  },
  {
    name: 'no-cache-filter',
    type: 'list',
    value: 'STAGE[,…]',
    group: groups.cache,
    help: 'run the steps of these stages anew',
  },
  {
    name: 'network',
    type: 'text',
    value: 'MODE',
    choices: ['default', 'host', 'none'],
    group: groups.steps,
    help: 'network of RUN steps: default, host or none',
  },
  {
    name: 'allow',
    type: 'list',
    value: 'RIGHT',
    group: groups.steps,
    help: 'let steps have network.host or security.insecure',
  },
  {
    name: 'secret',
    type: 'list',
    value: 'id=ID[,src=PATH|,env=NAME]',
    group: groups.steps,
    help: 'a secret for RUN --mount=type=secret; it stays out of image and cache',
  },
  {
    name: 'secret-check',
    type: 'text',
    value: 'MODE',
    choices: ['error', 'warn', 'off'],
    group: groups.steps,
    help: 'what becomes of a layer or document that holds the value of a secret: error (default), warn or off',
  },
  {
    name: 'ssh',
    type: 'list',
    value: 'default|ID[=PATH,…]',
    group: groups.steps,
    help: 'an SSH agent for RUN --mount=type=ssh: the one at $SSH_AUTH_SOCK, the one at the socket PATH, or keys in files',
  },
  {
    name: 'add-host',
    type: 'list',
    value: 'NAME:IP',
    group: groups.steps,
    help: 'a line for /etc/hosts of RUN steps',
  },
  {
    name: 'shm-size',
    type: 'text',
    value: 'SIZE',
    group: groups.steps,
    help: 'size of /dev/shm, as in 256m (default: 64m)',
  },
  {
    name: 'ulimit',
    type: 'list',
    value: 'NAME=SOFT[:HARD]',
    group: groups.steps,
    help: 'a limit for RUN steps, as in nofile=1024:4096',
  },
  {
    name: 'resource',
    type: 'list',
    value: 'KEY=VALUE[,…]',
    group: groups.steps,
    help: 'what each RUN step may use: memory, memory-swap, cpu-shares, cpu-period, cpu-quota, cpuset-cpus, cpuset-mems',
  },
  {
    name: 'cgroup-parent',
    type: 'text',
    value: 'PATH',
    group: groups.steps,
    help: "a cgroup, made where it is missing, within which each RUN step has its own (default: the builder's, and none of its own without --resource)",
  },
  { ...progressFlag, group: groups.report },
  {
    name: 'quiet',
    short: 'q',
    type: 'boolean',
    group: groups.report,
    help: 'no progress; print the image ID',
  },
  {
    name: 'call',
    type: 'text',
    value: 'METHOD[,format=json]',
    group: groups.report,
    help: 'build, check (what could be better), outline (what the target takes) or targets (what there is to build)',
  },
  { name: 'check', type: 'boolean', group: groups.report, help: 'short for --call=check' },
  { name: 'debug', short: 'D', type: 'boolean', group: groups.report, help: 'show stack traces with errors' },
  { name: 'help', short: 'h', type: 'boolean', group: groups.report, help: 'this text' },
  {
    name: 'root',
    type: 'text',
    value: 'DIR',
    group: groups.machine,
    help: 'the state folder: images, layers, cache (default: $SLIPWAY_ROOT, else /var/lib/slipway as root, ~/.local/share/slipway otherwise)',
  },
  { ...isolationFlag, group: groups.machine },
  { ...requireFlag, group: groups.machine },
  { ...snapshotterFlag, group: groups.machine },
  {
    name: 'timeout',
    type: 'text',
    value: 'DURATION',
    group: groups.machine,
    help: 'stop after so long, and say what was running: 90 (seconds), 1h30m',
  },
  {
    name: 'jobs',
    type: 'text',
    value: 'N',
    group: groups.machine,
    help: 'steps that may run at once (default: 4 for each core, at least 16)',
  },
] as const satisfies readonly Flag[];

export type BuildFlagName =
  | (typeof supported)[number]['name']
  | (typeof buildahFlags)[number]['name']
  | LockFlagName
  | RegistryFlagName
  | PushFlagName
  | (typeof refusedBuildahFlags)[number]['name']
  | (typeof unsupportedFlags)[number]['name'];

export const buildFlags: readonly Flag<BuildFlagName>[] = [
  ...supported,
  ...lockFlags,
  ...registryFlags,
  ...pushFlags,
  ...buildahFlags,
  ...refusedBuildahFlags,
  ...unsupportedFlags,
];
