// Flags of docker's own build that are refused, each with the way round: nothing is accepted and ignored.
import type { Flag } from '../arguments.ts';

const otherwise = 'Not supported';
const push =
  'build with --output=type=oci,dest=image.tar and push it with a registry tool: skopeo copy oci-archive:image.tar docker://NAME';
const remote =
  "the cache is the state folder: keep it between builds with --root DIR, for instance in the CI system's own cache";

export const unsupportedFlags = [
  {
    name: 'push',
    type: 'boolean',
    group: otherwise,
    help: 'push the image',
    unsupported: { way: push, except: ['false'] },
  },
  {
    name: 'cache-from',
    type: 'list',
    group: otherwise,
    help: 'import a cache',
    unsupported: { way: remote },
  },
  {
    name: 'cache-to',
    type: 'list',
    group: otherwise,
    help: 'export the cache',
    unsupported: { way: remote },
  },
  {
    name: 'resource',
    type: 'list',
    group: otherwise,
    help: 'limit memory and CPU of steps',
    unsupported: {
      way: 'limit the whole build from outside: systemd-run --scope -p MemoryMax=2G slipway build …',
    },
  },
  {
    name: 'cgroup-parent',
    type: 'text',
    group: otherwise,
    help: 'cgroup of steps',
    unsupported: { way: 'start slipway itself in that cgroup: steps stay in it' },
  },
  {
    name: 'policy',
    type: 'list',
    group: otherwise,
    help: 'source policy',
    unsupported: { way: 'leave it out and pin base images by digest: FROM name@sha256:…' },
  },
  {
    name: 'builder',
    type: 'text',
    group: otherwise,
    help: 'choose a builder',
    unsupported: { way: 'leave it out: there is no daemon, the build runs in this process' },
  },
  {
    name: 'compress',
    type: 'boolean',
    group: otherwise,
    help: 'compress the context',
    unsupported: { way: 'leave it out: the context is read in place', except: ['false'] },
  },
  {
    name: 'rm',
    type: 'boolean',
    group: otherwise,
    help: 'remove containers of steps',
    unsupported: { way: 'leave it out: steps leave no containers', except: ['true'] },
  },
  {
    name: 'force-rm',
    type: 'boolean',
    group: otherwise,
    help: 'remove containers of failed steps',
    unsupported: { way: 'leave it out: steps leave no containers', except: ['true'] },
  },
  {
    name: 'security-opt',
    type: 'list',
    group: otherwise,
    help: 'security options',
    unsupported: { way: 'use RUN --security=insecure with --allow security.insecure' },
  },
  {
    name: 'memory',
    short: 'm',
    type: 'text',
    group: otherwise,
    help: 'memory of steps',
    unsupported: {
      way: 'limit the whole build from outside: systemd-run --scope -p MemoryMax=2G slipway build …',
    },
  },
  {
    name: 'cpuset-cpus',
    type: 'text',
    group: otherwise,
    help: 'CPUs of steps',
    unsupported: { way: 'limit the whole build from outside: taskset -c 0-3 slipway build …' },
  },
] as const satisfies readonly Flag[];
