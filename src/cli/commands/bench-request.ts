// From the command line of `slipway bench` to the replay that the engine takes.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SlipwayError } from '../../errors.ts';
import {
  parseEdits,
  type ReplayCache,
  type ReplayHistory,
  type ReplayRequest,
  type ReplayResult,
} from '../../index.ts';
import type { Arguments } from '../arguments.ts';
import type { Session } from '../session.ts';
import { type BenchFlagName, buildFlagsOfReplays } from './bench-flags.ts';
import { buildWords, shownWords } from './bench-words.ts';
import type { BuildFlagName } from './build-flags.ts';
import { readBuildRequest } from './read-build-request.ts';
import { isUrl } from './remote-definition.ts';
import { packageVersion } from './version.ts';

export type BenchArguments = Arguments<BenchFlagName | BuildFlagName>;

const usage = (message: string, hint: string): SlipwayError =>
  new SlipwayError('ERR_USAGE', message, { hint });

/** @param work a folder for the replay. @throws ERR_USAGE, and what reading the flags of a build throws */
export async function readBenchRequest(
  given: BenchArguments,
  session: Session,
  work: string,
): Promise<ReplayRequest> {
  const { texts, lists, booleans } = given;
  const build = readBuildRequest(given, session, 'slipway bench');
  if (build.context === '-' || isUrl(build.context) || build.dockerfile === '-')
    throw usage('slipway bench needs a folder', 'give the context as a folder, and the Dockerfile as a file');
  const dry = booleans.dry ?? false;
  const builder = (texts.builder ?? 'slipway') as ReplayRequest['builder'];
  if (dry && builder !== 'slipway')
    throw usage(`--dry knows no keys of ${builder}`, 'leave out --dry or --builder');
  if (booleans.resume && texts.out === undefined)
    throw usage('--resume needs --out', 'name the folder of the replay that was stopped: --out DIR --resume');
  const flags = buildWords(buildFlagsOfReplays, given);
  return {
    history: await readHistory(given, session),
    build,
    variants: lists.variant ?? [],
    runner: (texts.runner ?? 'warm') as ReplayRequest['runner'],
    cache: readCache(texts.cache),
    ...{ dry, builder, flags, shownFlags: shownWords(flags) },
    program: ownProgram(),
    version: packageVersion(),
    work,
    times: await Promise.all((lists.times ?? []).map((file) => readReplay(resolve(session.cwd, file)))),
    earlier: booleans.resume ? await readReplay(resolve(session.cwd, texts.out!, 'replay.json')) : undefined,
  };
}

async function readHistory({ texts }: BenchArguments, session: Session): Promise<ReplayHistory> {
  const { commits, edits } = texts;
  if ((commits === undefined) === (edits === undefined))
    throw usage(
      commits === undefined
        ? 'what is to be replayed is missing'
        : '--commits and --edits exclude each other',
      '--commits HEAD~20..HEAD, or --edits FILE',
    );
  if (commits !== undefined) return { type: 'commits', range: commits };
  const file = edits!;
  const text =
    file === '-' ? await readAll(session.stdin) : await readText(resolve(session.cwd, file), '--edits');
  return { type: 'edits', file, edits: parseEdits(text, file) };
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function readText(path: string, flag: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new SlipwayError('ERR_USAGE', `${flag}: can't read ${path}`, { cause });
  }
}

function readCache(text = 'local'): ReplayCache {
  if (text === 'local' || text === 'none') return { type: text };
  const ref = /^registry=(.+)$/.exec(text)?.[1];
  if (ref !== undefined && !/[\s,]/.test(ref)) return { type: 'registry', ref };
  throw usage(
    `--cache can't be ${JSON.stringify(text)}`,
    'local, none, or registry=registry.example.com/app:bench-cache',
  );
}

/** @throws ERR_USAGE for what is no result of a replay */
async function readReplay(path: string): Promise<ReplayResult> {
  const text = await readText(path, 'replay');
  let result: Partial<ReplayResult> | null = null;
  try {
    result = JSON.parse(text) as Partial<ReplayResult> | null;
  } catch {
    // Told below.
  }
  if (result?.type !== 'slipway-replay' || result.version !== 1 || !Array.isArray(result.variants))
    throw usage(`${path} is no result of slipway bench`, 'give a file that --json or --out wrote');
  return result as ReplayResult;
}

/** The words that this very program was started with, as users start it. */
function ownProgram(): string[] {
  const script = process.argv[1] ?? '';
  return script.endsWith('.ts') ? [process.execPath, ...process.execArgv, script] : ['/bin/sh', script];
}
