// `slipway explain --if-changed`: the build that is asked about is the newest one, with what the command line says besides.
import { dirname } from 'node:path';
import { type BuildRecord, type Engine, foretellLines } from '../../index.ts';
import { type Arguments, parseArguments } from '../arguments.ts';
import { harmless } from '../progress/harmless.ts';
import type { Session } from '../session.ts';
import { toJson } from './answer-call.ts';
import { buildFlags } from './build-flags.ts';
import { readBuildRequest } from './read-build-request.ts';

export type ForetellFlagName =
  | 'if-changed'
  | 'context'
  | 'target'
  | 'build-arg'
  | 'build-context'
  | 'platform';

/** @param newest the build that gives what the flags leave open */
export async function runForetell(
  {
    given,
    newest,
  }: { given: Arguments<ForetellFlagName | 'file' | 'json'>; newest: BuildRecord | undefined },
  engine: Pick<Engine, 'foretell'>,
  session: Session,
): Promise<void> {
  const argv = buildWords(given, newest);
  const build = readBuildRequest(parseArguments(buildFlags, argv, 'slipway explain'), session);
  const paths = [...(given.lists['if-changed'] ?? []), ...given.positionals];
  const foretold = await engine.foretell({ build, paths }, { signal: session.signal, onEvent: () => {} });
  session.stdout.write(
    given.booleans.json
      ? toJson(foretold)
      : foretellLines(foretold)
          .map((line) => `${harmless(line)}\n`)
          .join(''),
  );
}

/** A command line of `slipway build`. */
function buildWords(
  { texts, lists }: Arguments<ForetellFlagName | 'file'>,
  newest: BuildRecord | undefined,
): string[] {
  const known = newest && isPath(newest.dockerfile.path) ? newest : undefined;
  const file = texts.file ?? known?.dockerfile.path;
  const target = texts.target ?? known?.target;
  const context = texts.context ?? (known && isPath(known.context) ? known.context : undefined);
  const platforms = lists.platform ?? (known && known.platforms.length > 1 ? known.platforms : []);
  const contexts = Object.entries(known?.buildContexts ?? {}).map(([name, value]) => `${name}=${value}`);
  return [
    ...(file === undefined ? [] : [`--file=${file}`]),
    ...(target === undefined ? [] : [`--target=${target}`]),
    ...platforms.map((platform) => `--platform=${platform}`),
    ...[...contexts, ...(lists['build-context'] ?? [])].map((one) => `--build-context=${one}`),
    ...(lists['build-arg'] ?? []).map((one) => `--build-arg=${one}`),
    '--',
    context ?? (file === undefined ? '.' : dirname(file)),
  ];
}

const isPath = (text: string): boolean => text.startsWith('/');
