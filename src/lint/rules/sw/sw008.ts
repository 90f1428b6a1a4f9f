// SW008: what a tool has fetched once need not be fetched again, if the folder it keeps it in outlives the step.

import { insertAfter } from '../../fix.ts';
import { fixOf, keywordRange } from '../../fixes/parts.ts';
import { hasWord, operands, type ShellCommand } from '../../shell/command.ts';
import { keepsOut } from '../dl/mounts.ts';
import { at, type LintRule, runsWith } from '../dl/walk.ts';
import { readInstall } from './installs.ts';

/** Where a tool keeps it, for root. */
const folders: Readonly<Record<string, string>> = {
  bun: '/root/.bun/install/cache',
  cargo: '/usr/local/cargo/registry',
  composer: '/tmp/cache',
  dotnet: '/root/.nuget/packages',
  go: '/go/pkg/mod',
  gradle: '/root/.gradle',
  mvn: '/root/.m2',
  npm: '/root/.npm',
  pnpm: '/root/.local/share/pnpm/store',
  poetry: '/root/.cache/pypoetry',
  uv: '/root/.cache/uv',
  yarn: '/usr/local/share/.cache/yarn',
};
const tools = Object.keys(folders);
const builds: Readonly<Record<string, readonly string[]>> = {
  cargo: ['build', 'fetch', 'install'],
  go: ['build', 'install', 'test', 'mod'],
  gradle: ['build', 'assemble', 'bootJar', 'dependencies'],
  mvn: ['package', 'install', 'verify', 'compile'],
};

export const sw008: LintRule = {
  code: 'SW008',
  name: 'CacheMount',
  family: 'slipway',
  description: 'What a package manager fetches should be kept in a cache mount',
  severity: 'style',
  scope: 'instruction',
  on: tools,
  *check(file) {
    for (const { step, commands } of runsWith(file, tools)) {
      if (step.isTrigger) continue;
      const command = commands.find(fetches);
      const folder = command && folders[command.name];
      if (command === undefined || folder === undefined) continue;
      // Whoever mounts a cache, or throws it away, has thought of it.
      if (keepsOut(step.instruction, '/')) continue;
      if (commands.some((one) => one.name === 'rm' || hasWord(one, 'cache', 'clean'))) continue;
      const mount = `--mount=type=cache,target=${folder}`;
      const message = `${command.name} fetches everything again whenever this step runs: keep it with RUN ${mount}`;
      const fix = () => fixOf('suggested', 'Mount a cache', insertAfter(keywordRange(step), ` ${mount}`));
      yield { ...at(step, message, command.range()), fix };
    }
  },
};

function fetches(command: ShellCommand): boolean {
  if (readInstall(command) !== undefined) return !hasWord(command, '--no-cache', '--no-cache-dir');
  const verbs = Object.hasOwn(builds, command.name) ? builds[command.name] : undefined;
  return (
    verbs?.includes(operands(command.words)[0]?.text ?? '') === true &&
    !hasWord(command, '--no-cache', '--no-cache-dir')
  );
}
