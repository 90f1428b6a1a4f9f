// The flags of `slipway run` that give the command a cgroup with limits, named as docker's.
import type { Flag } from '../arguments.ts';

const group = 'Network and limits';

export const runLimitFlags = [
  {
    name: 'memory',
    short: 'm',
    type: 'text',
    value: 'SIZE',
    group,
    help: 'memory that it may use, as in 512m or 2g',
  },
  {
    name: 'memory-swap',
    type: 'text',
    value: 'SIZE',
    group,
    help: 'memory and swap together; -1 leaves swap unlimited (default)',
  },
  { name: 'cpus', type: 'text', value: 'NUMBER', group, help: 'CPUs that it may keep busy, as in 1.5' },
  {
    name: 'cpu-shares',
    type: 'text',
    value: 'WEIGHT',
    group,
    help: 'its weight where CPUs are short; others have 1024',
  },
  {
    name: 'cpu-period',
    type: 'text',
    value: 'USEC',
    group,
    help: 'microseconds within which the quota may be used (default: 100000)',
  },
  { name: 'cpu-quota', type: 'text', value: 'USEC', group, help: 'microseconds of CPU in each period' },
  { name: 'cpuset-cpus', type: 'text', value: 'LIST', group, help: 'CPUs that it may run on: 0-3,5' },
  { name: 'cpuset-mems', type: 'text', value: 'LIST', group, help: 'memory nodes that it may use: 0,1' },
  { name: 'pids-limit', type: 'text', value: 'N', group, help: 'processes and threads at one time' },
  {
    name: 'cgroup-parent',
    type: 'text',
    value: 'PATH',
    group,
    help: 'the cgroup, made where it is missing, within which it has its own',
  },
] as const satisfies readonly Flag[];
