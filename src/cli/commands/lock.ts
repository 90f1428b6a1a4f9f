// `slipway lock`: from the command line to a request, and from changes to lines.
import type { Engine, EngineOptions } from '../../index.ts';
import { formatLockChanges } from '../../index.ts';
import { type Flag, parseArguments } from '../arguments.ts';
import type { Session } from '../session.ts';
import { toJson } from './answer-call.ts';
import { engineOptions, perform, startProgress } from './build.ts';
import { type BuildFlagName, buildFlags } from './build-flags.ts';
import { flagGroups as groups } from './flag-groups.ts';
import { safeFor } from './images/safe-text.ts';
import { defaultLockFile } from './lock-flags.ts';
import { chooseProgressMode } from './progress-mode.ts';
import { readBuildRequest } from './read-build-request.ts';
import { createSourceReader } from './read-source.ts';
import { registryFlags } from './registry-flags.ts';

const shared = [
  ...['file', 'target', 'build-arg', 'build-arg-file', 'build-context', 'platform', 'secret', 'ssh'],
  ...['lock-file', 'allow', 'progress', 'debug', 'help', 'root'],
  ...registryFlags.map(({ name }) => name),
] as readonly BuildFlagName[];

const own = [
  {
    name: 'update',
    type: 'boolean',
    group: groups.input,
    help: 'ask for all anew, and drop what is no longer read',
  },
  {
    name: 'format',
    type: 'text',
    value: 'FORMAT',
    choices: ['text', 'json'],
    group: groups.report,
    help: 'text or json (default: text)',
  },
] as const satisfies readonly Flag[];

type LockCommandFlagName = BuildFlagName | (typeof own)[number]['name'];

export const lockCommandFlags: readonly Flag<LockCommandFlagName>[] = [
  ...own,
  ...buildFlags.filter(({ name }) => shared.includes(name)),
];

/** @throws whatever the engine throws, and ERR_USAGE for the command line */
export async function runLock(
  argv: readonly string[],
  session: Session,
  createEngine: (options: EngineOptions) => Pick<Engine, 'lock'>,
): Promise<void> {
  const given = parseArguments(lockCommandFlags, argv, 'slipway lock');
  session.failure.debug = given.booleans.debug ?? false;
  const { 'lock-file': file, ...texts } = given.texts;
  const request = readBuildRequest({ ...given, texts }, session, 'slipway lock');
  request.lock = {
    file: file ?? defaultLockFile(request.context, session.cwd),
    mode: given.booleans.update ? 'update' : 'add',
  };
  const source = createSourceReader(request);
  request.stdin = source.stdin;
  session.failure.readSource = source.read;
  const progress = startProgress(
    chooseProgressMode({ quiet: false, progress: given.texts.progress }, session),
    session,
  );
  const engine = createEngine(engineOptions(given, session));
  const changes = await perform({ session, progress }, (onEvent) =>
    engine.lock(request, { signal: session.signal, onEvent }),
  );
  progress.finish({ status: 'done' });
  const text = given.texts.format === 'json' ? toJson(changes) : formatLockChanges(changes);
  session.stdout.write(safeFor(session.stdout, text));
}
