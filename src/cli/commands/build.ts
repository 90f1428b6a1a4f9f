// `slipway build`: from the command line to a request, and from a result to what scripts and people read.
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { SlipwayError } from '../../errors.ts';
import type {
  BuildRequest,
  BuildResult,
  Engine,
  EngineOptions,
  OnEvent,
  StepStatistics,
} from '../../index.ts';
import { span } from '../../trace.ts';
import { type Arguments, parseArguments } from '../arguments.ts';
import { readColors } from '../progress/colors.ts';
import { createProgress } from '../progress/create-progress.ts';
import { type LogFile, openLogFile } from '../progress/log-file.ts';
import type { Progress, ProgressMode } from '../progress/progress.ts';
import { createRunningSteps } from '../running-steps.ts';
import type { Session } from '../session.ts';
import { stateRoot } from '../state-root.ts';
import { buildOutsideIfCached, type TryBuild } from '../try-cache.ts';
import { clearResultFile, writeResultFile } from '../write-result-file.ts';
import { answerCall, toJson } from './answer-call.ts';
import { type BuildCall, parseCall } from './build-call.ts';
import { type BuildFlagName, buildFlags } from './build-flags.ts';
import type { BuildReport } from './cache-report.ts';
import { foreignFlags } from './foreign-flags.ts';
import { safeFor } from './images/safe-text.ts';
import { parseJobs } from './limits.ts';
import { chooseIsolation, chooseLevel, chooseSnapshotter } from './machine-choices.ts';
import { recordWarnings, type WarningRecord } from './metadata-environment.ts';
import { chooseProgressMode, wantsColor } from './progress-mode.ts';
import { pushedRegistries } from './pushed-registries.ts';
import { readBuildRequest } from './read-build-request.ts';
import { createSourceReader } from './read-source.ts';
import { type PushFlagName, type RegistryFlagName, readRegistrySettings } from './registry-flags.ts';
import { limitTime } from './time-limit.ts';

/** What of the engine a build asks for. */
export type BuildEngine = Pick<Engine, 'build' | 'check' | 'outline' | 'targets' | 'explain'>;

/**
 * Runs `slipway build` with the words after `build`.
 * @throws whatever the build throws, and ERR_USAGE, ERR_UNSUPPORTED for the command line
 */
export async function runBuild(
  argv: readonly string[],
  session: Session,
  createEngine: (options: EngineOptions) => BuildEngine,
): Promise<void> {
  using reading = span('start', 'read the command line');
  const given = parseArguments([...buildFlags, ...foreignFlags], argv, 'slipway build');
  session.failure.debug = given.booleans.debug ?? false;
  const call = parseCall(given.texts.call ?? (given.booleans.check ? 'check' : 'build'));
  const request = readBuildRequest(given, session);
  const mode = chooseProgressMode(
    { quiet: given.booleans.quiet ?? false, progress: given.texts.progress },
    session,
  );
  const options = engineOptions(given, session, [request]);
  const warned = recordWarnings(session.env);
  const files = resultFiles(given, session, warned);
  for (const file of files) await clearResultFile(file.path, file.flag);
  const report = await openReport(given, session);

  reading[Symbol.dispose]();
  if (call.method === 'build') await noteRepository(request, session);
  const source = createSourceReader(request);
  request.stdin = source.stdin;
  session.failure.readSource = source.read;
  using log = openLog(given, mode, session);
  const progress = log?.progress ?? startProgress(mode, session);
  if (log) session = { ...session, signal: AbortSignal.any([session.signal, log.failed]) };
  using limit = limitTime(given.texts.timeout, session);
  session = limit.session;
  const work = { engine: createEngine(options), request, session, progress };
  if (call.method !== 'build') return answer(call, work);

  const started = session.now();
  const { signal } = session;
  const onRecord = report?.onRecord;
  let result: BuildResult;
  try {
    const shown = { onEvent: warned.listen(progress.onEvent), finish: progress.finish };
    const build: TryBuild<BuildResult> = (told, onAllCached) =>
      perform({ session, progress: told }, (onEvent) =>
        work.engine.build(request, { signal, onEvent, onRecord, onAllCached }),
      );
    result = await buildOutsideIfCached(build, { request, root: options.root, session, progress: shown });
  } catch (error) {
    await report?.write(work.engine);
    throw error;
  }
  for (const file of files) await writeResultFile(file.path, file.content(result));
  progress.finish({ status: 'done', summary: summaryOf(result, session.now() - started) });
  await report?.write(work.engine);
  if (mode === 'quiet' && request.stdout === undefined) session.stdout.write(`${result.imageID}\n`);
}

/** Where one is asked for. @throws ERR_USAGE where the file can't be made */
export async function openReport(
  given: Arguments<'cache-report' | 'explain'>,
  session: Session,
): Promise<BuildReport | undefined> {
  if (!given.texts['cache-report'] && !given.booleans.explain) return undefined;
  return (await import('./cache-report.ts')).openBuildReport(given, session);
}

/** Git is asked about the context where something is to be said of it. */
export async function noteRepository(request: BuildRequest, session: Session): Promise<void> {
  const { attestations, metadataProvenance: mode } = request;
  if (!session.env['BUILDX_GIT_LABELS'] && !attestations?.provenance && (mode ?? 'none') === 'none') return;
  const { addGitInfo } = await import('./git-info.ts');
  await addGitInfo(request, session);
}

/** @throws ERR_USAGE, and what openLogFile throws */
function openLog(
  { texts, booleans }: Arguments<BuildFlagName>,
  mode: ProgressMode,
  session: Session,
): LogFile | undefined {
  const { logfile } = texts;
  if (!logfile) {
    if (logfile === undefined && !booleans.logsplit) return undefined;
    throw new SlipwayError(
      'ERR_USAGE',
      logfile === '' ? '--logfile is empty' : '--logsplit needs --logfile',
      {
        hint: '--logfile=build.log',
      },
    );
  }
  return openLogFile({
    path: resolve(session.cwd, logfile),
    mode: mode === 'rawjson' ? mode : 'plain',
    split: booleans.logsplit ?? false,
    columns: () => 80,
    rows: () => 24,
    color: false,
    now: session.now,
  });
}

interface Work {
  engine: BuildEngine;
  request: BuildRequest;
  session: Session;
  progress: Progress;
}

export function startProgress(mode: ProgressMode, session: Session): Progress {
  return createProgress(mode, {
    stream: session.stderr,
    columns: () => session.stderr.columns || 80,
    rows: () => session.stderr.rows || 24,
    color: wantsColor(session),
    colors: readColors(session.env['BUILDKIT_COLORS']),
    now: session.now,
    logLines: logLines(session.env['BUILDKIT_TTY_LOG_LINES']),
  });
}

/** Runs a call of the engine's under the progress, and notes for the report which step failed. */
export async function perform<T>(
  work: Pick<Work, 'session' | 'progress'>,
  run: (onEvent: OnEvent) => Promise<T>,
): Promise<T> {
  const { session, progress } = work;
  const names = new Map<string, string>();
  const running = createRunningSteps();
  session.failure.running = running.names;
  const onEvent: OnEvent = (event) => {
    running.onEvent(event);
    if (event.type === 'started') names.set(event.vertex.id, event.vertex.name);
    if (event.type === 'done' && event.error !== undefined && !event.canceled) {
      session.failure.step ??= names.get(event.id);
    }
    progress.onEvent(event);
  };
  try {
    return await run(onEvent);
  } catch (error) {
    progress.finish({ status: session.signal.aborted ? 'canceled' : 'failed' });
    throw error;
  } finally {
    session.failure.running = undefined;
  }
}

/** `--check`, `--call=outline` and `--call=targets`: the answer goes to standard output. */
async function answer(call: BuildCall, work: Work): Promise<void> {
  const { engine, request, session, progress } = work;
  const { signal, failure } = session;
  const text = await perform(work, (onEvent) =>
    answerCall(call, { engine, request, options: { signal, onEvent }, failure }),
  );
  progress.finish({ status: 'done' });
  session.stdout.write(safeFor(session.stdout, text));
}

/** Most steps wait for a network or a disk, or use one core; BuildKit has no limit, and runs out of memory instead. */
const defaultJobs = (): number => Math.max(16, 4 * availableParallelism());

/** @param requests to whose registries --creds is limited, where they push */
export function engineOptions(
  given: Pick<
    Arguments<'root' | 'isolation' | 'require' | 'snapshotter' | 'jobs' | RegistryFlagName | PushFlagName>,
    'booleans' | 'texts' | 'lists'
  >,
  session: Session,
  requests: readonly BuildRequest[] = [],
): EngineOptions {
  const registry = readRegistrySettings({ ...given, pushedTo: pushedRegistries(requests) }, session);
  const isolation = chooseIsolation(given.texts.isolation, session);
  const require = chooseLevel(given.texts.require, isolation, session);
  return {
    root: stateRoot(given.texts.root, session),
    isolation,
    snapshotter: chooseSnapshotter(given.texts.snapshotter, session),
    parallelism: given.texts.jobs === undefined ? defaultJobs() : parseJobs(given.texts.jobs),
    env: session.env,
    ...(registry ? { registry } : {}),
    ...(require ? { require } : {}),
  };
}

interface ResultFile {
  path: string;
  flag: string;
  content: (result: BuildResult) => string;
}

function resultFiles(given: Arguments<BuildFlagName>, session: Session, warned: WarningRecord): ResultFile[] {
  const files: ResultFile[] = [];
  const add = (flag: 'iidfile' | 'digest-file' | 'metadata-file', content: ResultFile['content']): void => {
    const path = given.texts[flag];
    if (path) files.push({ path: resolve(session.cwd, path), flag: `--${flag}`, content });
  };
  add('iidfile', (result) => result.imageID);
  add('digest-file', (result) => result.descriptor?.digest ?? '');
  add('metadata-file', (result) => toJson({ ...result.metadata, ...warned.metadata() }));
  return files;
}

function logLines(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,3}$/.test(text) ? Number(text) : undefined;
}

/** `4 steps, 3 from the cache, 1 ran` */
export function stepSummary({ total, cached, ran }: StepStatistics): string {
  return `${total} step${total === 1 ? '' : 's'}, ${cached} from the cache, ${ran} ran`;
}

function summaryOf(result: BuildResult, milliseconds: number): string {
  const names = result.names.length > 0 ? ` (${result.names.join(', ')})` : '';
  const steps = stepSummary(result.steps);
  return `built ${result.imageID}${names} in ${(Math.max(0, milliseconds) / 1000).toFixed(1)} s: ${steps}`;
}
