// All that is fuzzed. New targets are added at the end: a number stands for an input among those that there are.
import type { FuzzTarget } from './fuzz-target.ts';
import { archiveTargets } from './targets/archives.ts';
import { dockerfileTargets } from './targets/dockerfiles.ts';
import { documentTargets } from './targets/documents.ts';
import { growthTargets } from './targets/growth.ts';
import { hostTargets } from './targets/hosts.ts';
import { packageTargets } from './targets/packages.ts';
import { reportTargets } from './targets/reports.ts';
import { settingTargets } from './targets/settings.ts';

export const fuzzTargets: readonly FuzzTarget[] = [
  ...archiveTargets,
  ...documentTargets,
  ...dockerfileTargets,
  ...settingTargets,
  ...packageTargets,
  ...reportTargets,
  ...hostTargets,
  ...growthTargets,
];
