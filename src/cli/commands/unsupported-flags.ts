// Flags of docker's own build that are refused, each with the way round: nothing is accepted and ignored.
import type { Flag } from '../arguments.ts';

const otherwise = 'Not supported';

export const unsupportedFlags = [
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
    unsupported: { way: 'use --resource memory=2g' },
  },
  {
    name: 'cpuset-cpus',
    type: 'text',
    group: otherwise,
    help: 'CPUs of steps',
    unsupported: { way: 'use --resource cpuset-cpus=0-3' },
  },
] as const satisfies readonly Flag[];
