// `slipway bake --plan`: its flags, and what of the command line its jobs repeat.
import { SlipwayError } from '../../errors.ts';
import type { JobEngine, JobOptions } from '../../index.ts';
import type { Arguments, Flag } from '../arguments.ts';
import { packageVersion } from './version.ts';

const group = 'Jobs for a CI engine';

export const bakePlanFlags = [
  {
    name: 'plan',
    type: 'text',
    value: 'ENGINE',
    choices: ['github', 'gitlab', 'kubernetes'],
    group,
    help: 'print jobs that build each target for each platform, and one that merges them by digest; build nothing',
  },
  {
    name: 'plan-runner',
    type: 'list',
    value: 'PLATFORM=LABEL',
    group,
    help: 'the runner for a platform, as in linux/arm64=my-arm-runner',
  },
  {
    name: 'plan-cache',
    type: 'text',
    value: 'REPOSITORY',
    group,
    help: "where jobs keep their caches (default: the repository of the target's first tag)",
  },
  {
    name: 'plan-image',
    type: 'text',
    value: 'IMAGE',
    group,
    help: 'an image with slipway in it, in which jobs of gitlab and kubernetes run',
  },
  {
    name: 'plan-source',
    type: 'text',
    value: 'URL[#REF]',
    group,
    help: 'the Git repository that jobs of kubernetes clone',
  },
] as const satisfies readonly Flag[];

type Given = Arguments<(typeof bakePlanFlags)[number]['name'] | 'file' | 'var' | 'set' | 'allow'>;

/** @throws ERR_USAGE */
export function readJobOptions({ texts, lists }: Given): JobOptions {
  const files = lists.file ?? [];
  if (files.includes('-')) {
    throw new SlipwayError('ERR_USAGE', '--plan: jobs have no standard input to read a bake file from', {
      hint: 'name a file of the repository with --file',
    });
  }
  const repeat = (flag: string, list: readonly string[] = []): string[] =>
    list.flatMap((value) => [`--${flag}`, value]);
  return {
    engine: texts.plan as JobEngine,
    words: [
      ...repeat('file', files),
      ...repeat('var', lists.var),
      ...repeat('set', lists.set),
      ...repeat('allow', lists.allow),
    ],
    runners: new Map((lists['plan-runner'] ?? []).map(readRunner)),
    cache: texts['plan-cache'],
    image: texts['plan-image'],
    source: texts['plan-source'],
    version: packageVersion(),
  };
}

function readRunner(text: string): [string, string] {
  const [, platform, label] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (platform !== undefined && label !== undefined) return [platform, label];
  throw new SlipwayError(
    'ERR_USAGE',
    `--plan-runner: ${JSON.stringify(text)} is not written PLATFORM=LABEL`,
    {
      hint: '--plan-runner linux/arm64=my-arm-runner',
    },
  );
}
