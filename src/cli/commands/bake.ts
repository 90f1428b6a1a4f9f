// `slipway bake`: from the command line and the files to requests, and from the results to what scripts and people read.
import { resolve } from 'node:path';
import { SlipwayError } from '../../errors.ts';
import {
  type BakeInput,
  type BakePlan,
  type BakeResult,
  type Engine,
  type EngineOptions,
  formatPlatform,
  listBake,
  localPlatform,
  printJobs,
  readBake,
} from '../../index.ts';
import { type Arguments, parseArguments } from '../arguments.ts';
import type { Session } from '../session.ts';
import { clearResultFile, writeResultFile } from '../write-result-file.ts';
import { type CallEngine, toJson } from './answer-call.ts';
import { answerCalls, type BakeCalls, builtTargets, readCalls } from './bake-call.ts';
import { type BakeFlagName, bakeFlags } from './bake-flags.ts';
import { formatListing, parseList } from './bake-list.ts';
import { readJobOptions } from './bake-plan-flags.ts';
import { readAllowed, toTargetRequest } from './bake-requests.ts';
import { engineOptions, perform, startProgress, stepSummary } from './build.ts';
import { type BuildCall, parseCall } from './build-call.ts';
import { readCacheUse } from './cache-use.ts';
import { readLockUse } from './lock-flags.ts';
import { chooseProgressMode } from './progress-mode.ts';
import { readBakeFiles, readText, refuseRemote } from './read-bake-files.ts';
import { createSourceReader } from './read-source.ts';

/** What of the engine a bake asks for. */
export type BakeEngine = Pick<Engine, 'bake'> & CallEngine;

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
  const list = given.texts.list === undefined ? undefined : parseList(given.texts.list);
  const allowed = readAllowed(given.lists.allow ?? []);
  const call = parseCall(given.texts.call ?? (given.booleans.check ? 'check' : 'build'));
  const mode = chooseProgressMode({ quiet: false, progress: given.texts.progress }, session);
  const input = await readInput(given, call, session);
  const texts = new Map(input.files.map(({ name, text }) => [name, text]));
  session.failure.readSource = (file) => texts.get(file);
  if (list) {
    session.stdout.write(formatListing(list, await listBake(input)));
    return;
  }
  const plan = await readBake(input);
  const calls = readCalls(plan.targets, call);
  if (given.texts.plan !== undefined) {
    refuseCalls(calls);
    session.stdout.write(await printJobs(plan, readJobOptions(given)));
    return;
  }
  if (given.booleans.print) {
    session.stdout.write(plan.print());
    return;
  }
  const cacheUse: Partial<ReturnType<typeof readCacheUse>> =
    given.texts['cache-ttl'] === undefined
      ? {}
      : readCacheUse(given.texts['cache-ttl'], given.booleans['no-cache']);
  const lockUse = readLockUse(given, undefined, session.cwd);
  const targets = plan.targets.map((target) => {
    const read = toTargetRequest(target, allowed, session);
    const noCache = read.request.noCache || cacheUse.noCache === true;
    return { ...read, request: { ...read.request, ...cacheUse, ...lockUse, noCache } };
  });
  const built = builtTargets(targets, calls);
  checkStdout([calls.size > 0, ...built.map(({ request }) => request.stdout !== undefined)]);
  readSources(plan, targets, { texts, session });
  const metadata = given.texts['metadata-file']
    ? resolve(session.cwd, given.texts['metadata-file'])
    : undefined;
  if (metadata !== undefined) await clearResultFile(metadata, '--metadata-file');

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
        : await engine.bake({ targets: built }, { signal: session.signal, onEvent }),
    answers:
      calls.size === 0
        ? undefined
        : await answerCalls(calls, call.json, { engine, plan, targets, session, onEvent }),
  }));
  const linked = plan.targets.filter((target) => target.linked).map(({ name }) => name);
  const own = (result?.targets ?? []).filter(({ name }) => !linked.includes(name) && !calls.has(name));
  if (metadata !== undefined) {
    await writeResultFile(
      metadata,
      toJson(Object.fromEntries(own.map(({ name, result: one }) => [name, one.metadata]))),
    );
  }
  progress.finish({
    status: 'done',
    ...(result ? { summary: summary({ ...result, targets: own }, session.now() - started) } : {}),
  });
  if (answers !== undefined) session.stdout.write(answers);
}

async function readInput(
  given: Arguments<BakeFlagName>,
  call: BuildCall,
  session: Session,
): Promise<BakeInput> {
  for (const name of given.positionals) refuseRemote(name);
  const vars = readVars(given.lists.var ?? []);
  const files = await readBakeFiles(given.lists.file ?? [], session);
  return {
    files,
    names: given.positionals,
    overrides: [...(given.lists.set ?? []), ...shortOverrides(given, call)],
    vars,
    env: session.env,
    dotEnv: files.some(({ name }) => !/\.(hcl|json)$/i.test(name)) ? readText('.env', session) : undefined,
    localPlatform: formatPlatform(localPlatform(process)),
    now: session.now(),
  };
}

/** Flags that stand for a --set of all targets. */
function shortOverrides({ booleans, texts }: Arguments<BakeFlagName>, call: BuildCall): string[] {
  const overrides: string[] = [];
  // `lint` is what the document of --print calls it.
  if (call.method !== 'build') overrides.push(`*.call=${call.method === 'check' ? 'lint' : call.method}`);
  for (const flag of ['no-cache', 'pull'] as const)
    if (booleans[flag] !== undefined) overrides.push(`*.${flag}=${booleans[flag]}`);
  for (const flag of ['load', 'push'] as const) if (booleans[flag]) overrides.push(`*.${flag}=true`);
  for (const type of ['provenance', 'sbom'] as const) {
    const value = texts[type];
    if (value === undefined) continue;
    const rest = ['true', '1', ''].includes(value)
      ? ''
      : ['false', '0'].includes(value)
        ? ',disabled=true'
        : `,${value}`;
    overrides.push(`*.attest=type=${type}${rest}`);
  }
  return overrides;
}

function readVars(list: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    list.map((text) => {
      const equals = text.indexOf('=');
      if (equals < 1)
        throw new SlipwayError('ERR_USAGE', `--var: ${JSON.stringify(text)} is not written NAME=VALUE`, {
          hint: '--var TAG=1.2',
        });
      return [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}

/** @throws ERR_USAGE */
function refuseCalls(calls: BakeCalls): void {
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
