// `slipway bake`: from the command line and the files to requests, and from the results to what scripts and people read.
import { resolve } from 'node:path';
import { SlipwayError } from '../../errors.ts';
import {
  type BakePlan,
  type BakeResult,
  type Engine,
  type EngineOptions,
  listBake,
  printJobs,
  readBake,
} from '../../index.ts';
import { type Arguments, parseArguments } from '../arguments.ts';
import type { ProgressMode } from '../progress/progress.ts';
import type { Session } from '../session.ts';
import { clearResultFile, writeResultFile } from '../write-result-file.ts';
import { type CallEngine, toJson } from './answer-call.ts';
import { answerCalls, type BakeCalls, builtTargets, readCalls } from './bake-call.ts';
import { type BakeFlagName, bakeFlags } from './bake-flags.ts';
import { formatListing, parseList } from './bake-list.ts';
import { readJobOptions } from './bake-plan-flags.ts';
import { readAllowed, toTargetRequest } from './bake-requests.ts';
import { engineOptions, noteRepository, openReport, perform, startProgress, stepSummary } from './build.ts';
import { parseCall } from './build-call.ts';
import { readCacheUse } from './cache-use.ts';
import { checkFileRights, readFileRights } from './file-rights.ts';
import { safeFor } from './images/safe-text.ts';
import { readLockUse } from './lock-flags.ts';
import { readMetadataProvenance, recordWarnings } from './metadata-environment.ts';
import { chooseProgressMode } from './progress-mode.ts';
import { bakeFileNamesOf, readBakeInput } from './read-bake-input.ts';
import { createSourceReader } from './read-source.ts';
import {
  addLogins,
  type FetchedDefinition,
  fetchDefinition,
  isCwdFile,
  splitBakeWords,
} from './remote-definition.ts';
import { limitTime } from './time-limit.ts';

/** What of the engine a bake asks for. */
export type BakeEngine = Pick<Engine, 'bake' | 'contextFiles' | 'explain'> & CallEngine;

/**
 * Runs `slipway bake` with the words after `bake`.
 * @throws whatever the builds throw, and ERR_USAGE, ERR_UNSUPPORTED for the command line
 */
export async function runBakeCommand(
  argv: readonly string[],
  session: Session,
  createEngine: (options: EngineOptions) => BakeEngine,
): Promise<void> {
  const given = parseArguments(bakeFlags, argv, 'slipway bake');
  session.failure.debug = given.booleans.debug ?? false;
  using limit = limitTime(given.texts.timeout, session);
  session = limit.session;
  const list = given.texts.list === undefined ? undefined : parseList(given.texts.list);
  const allowed = readAllowed(given.lists.allow ?? []);
  const rights = readFileRights(given.lists.allow ?? [], session.cwd);
  const call = parseCall(given.texts.call ?? (given.booleans.check ? 'check' : 'build'));
  const mode = chooseProgressMode({ quiet: false, progress: given.texts.progress }, session);
  const lockUse = readLockUse(given, undefined, session.cwd);
  const words = splitBakeWords(given.positionals);
  const fetched =
    words.url === undefined
      ? undefined
      : await fetch(words.url, given, { createEngine, lockUse, mode, session });
  const input = await readBakeInput(given, { words, fetched, call, session });
  const texts = new Map(input.files.map(({ name, text }) => [name, text]));
  session.failure.readSource = (file) => texts.get(file);
  if (list) {
    session.stdout.write(formatListing(list, await listBake(input)));
    return;
  }
  const plan = await readBake(input);
  const calls = readCalls(plan.targets, call);
  if (given.texts.plan !== undefined) {
    refuseCalls(calls, words.url);
    const lists = { ...given.lists, file: [...bakeFileNamesOf(given, session)] };
    const jobs = await printJobs(plan, readJobOptions({ ...given, lists }));
    session.stdout.write(safeFor(session.stdout, jobs));
    return;
  }
  if (given.booleans.print) {
    session.stdout.write(safeFor(session.stdout, plan.print()));
    return;
  }
  const cacheUse: Partial<ReturnType<typeof readCacheUse>> =
    given.texts['cache-ttl'] === undefined
      ? {}
      : readCacheUse(given.texts['cache-ttl'], given.booleans['no-cache']);
  const told = given.texts['metadata-file'] ? readMetadataProvenance(session.env) : {};
  const targets = plan.targets.map((target) => {
    const read = toTargetRequest(target, allowed, session);
    if (words.url !== undefined) {
      checkFileRights(read, rights, target.isLocalDockerfile ? [target.dockerfile!] : []);
      addLogins(read.request, words.url);
    }
    const noCache = read.request.noCache || cacheUse.noCache === true;
    return { ...read, request: { ...read.request, ...cacheUse, ...lockUse, ...told, noCache } };
  });
  const built = builtTargets(targets, calls);
  checkStdout([calls.size > 0, ...built.map(({ request }) => request.stdout !== undefined)]);
  readSources(plan, targets, { texts, session });
  const metadata = given.texts['metadata-file']
    ? resolve(session.cwd, given.texts['metadata-file'])
    : undefined;
  if (metadata !== undefined) await clearResultFile(metadata, '--metadata-file');
  const report = await openReport(given, session);

  for (const { request } of built) await noteRepository(request, session);
  const warned = recordWarnings(session.env);
  const progress = startProgress(mode, session);
  const engine = createEngine(
    engineOptions(
      given,
      session,
      targets.map(({ request }) => request),
    ),
  );
  const started = session.now();
  const { result, answers } = await perform({ session, progress }, async (onEvent) => ({
    result:
      built.length === 0
        ? undefined
        : await engine.bake(
            { targets: built },
            { signal: session.signal, onEvent: warned.listen(onEvent), onRecord: report?.onRecord },
          ),
    answers:
      calls.size === 0
        ? undefined
        : await answerCalls(calls, call.json, { engine, plan, targets, session, onEvent }),
  })).catch(async (error) => {
    await report?.write(engine);
    throw error;
  });
  const linked = plan.targets.filter((target) => target.linked).map(({ name }) => name);
  const own = (result?.targets ?? []).filter(({ name }) => !linked.includes(name) && !calls.has(name));
  if (metadata !== undefined) {
    await writeResultFile(
      metadata,
      toJson({
        ...Object.fromEntries(own.map(({ name, result: one }) => [name, one.metadata])),
        ...warned.metadata(),
      }),
    );
  }
  progress.finish({
    status: 'done',
    ...(result ? { summary: summary({ ...result, targets: own }, session.now() - started) } : {}),
  });
  await report?.write(engine);
  if (answers !== undefined) session.stdout.write(safeFor(session.stdout, answers));
}

interface Fetching {
  createEngine: (options: EngineOptions) => BakeEngine;
  lockUse: ReturnType<typeof readLockUse>;
  mode: ProgressMode;
  session: Session;
}

/** The bake files of another machine, with a progress of their own. */
async function fetch(
  url: string,
  given: Arguments<BakeFlagName>,
  { createEngine, lockUse, mode, session }: Fetching,
): Promise<FetchedDefinition> {
  const progress = startProgress(mode, session);
  const engine = createEngine(engineOptions(given, session));
  const names = bakeFileNamesOf(given, session).filter((name) => !isCwdFile(name));
  const fetched = await perform({ session, progress }, (onEvent) =>
    fetchDefinition(url, names, { engine, session, onEvent, lockUse }),
  );
  progress.finish({ status: 'done' });
  return fetched;
}

/** @throws ERR_USAGE */
function refuseCalls(calls: BakeCalls, url: string | undefined): void {
  if (url !== undefined) {
    throw new SlipwayError('ERR_USAGE', '--plan makes jobs that check out the repository that they lie in', {
      hint: `clone ${url.replace(/[?#].*$/, '')}, and run it there without the URL`,
    });
  }
  const [first] = calls;
  if (!first) return;
  throw new SlipwayError(
    'ERR_USAGE',
    `--plan makes jobs that build, and target ${first[0]} has call = ${first[1].method}`,
    {
      hint: 'leave out --call, --check and the attribute call',
    },
  );
}

function checkStdout(used: readonly boolean[]): void {
  if (used.filter((one) => one).length < 2) return;
  throw new SlipwayError('ERR_USAGE', 'only one target, or what --call answers, can go to standard output', {
    hint: 'give the others dest=PATH',
  });
}

interface Sources {
  /** Of the bake files. */
  texts: Map<string, string>;
  session: Session;
}

/** What errors may name: bake files, Dockerfiles within them, and those on the disk. */
function readSources(
  plan: BakePlan,
  targets: readonly { request: Parameters<typeof createSourceReader>[0] }[],
  { texts, session }: Sources,
): void {
  for (const { name, inline } of plan.targets)
    if (inline !== undefined) texts.set(`${name} (dockerfile-inline)`, inline);
  const readers = targets
    .filter(({ request }) => request.dockerfile !== '-')
    .map(({ request }) => createSourceReader(request));
  session.failure.readSource = (file) => {
    if (texts.has(file)) return texts.get(file);
    for (const reader of readers) {
      const text = reader.read(file);
      if (text !== undefined) return text;
    }
    return undefined;
  };
}

function summary({ targets, steps }: BakeResult, milliseconds: number): string {
  const names = targets.map(({ name }) => name).join(', ');
  const count = `${targets.length} target${targets.length === 1 ? '' : 's'}`;
  return `built ${count} (${names}) in ${(Math.max(0, milliseconds) / 1000).toFixed(1)} s: ${stepSummary(steps)}`;
}
