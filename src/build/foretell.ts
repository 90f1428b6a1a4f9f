// `slipway explain --if-changed`: which steps would run if files changed, from the plan of the build as it is now. Nothing is run or read.

import { resolve } from 'node:path';
import type { BuildRecord, StepRecord } from '../build-record.ts';
import type { BuildRequest } from '../build-request.ts';
import { createReadingTree } from '../context/reading-tree.ts';
import type { CallOptions, EngineOptions, ForetellRequest } from '../engine.ts';
import { SlipwayError } from '../errors.ts';
import { stepName } from '../explain/describe-cause.ts';
import { type Foretold, type ForetoldPath, type SpreadStep, spreadMisses } from '../explain/foretelling.ts';
import { matchSteps } from '../explain/match-steps.ts';
import { contextKey } from '../graph/sources.ts';
import type { Vertex } from '../graph/vertex.ts';
import { digestOf } from '../oci/digest.ts';
import { copyContentKey } from '../ops/copy-key.ts';
import { wildcardMatches } from '../ops/copy-select.ts';
import type { Tree } from '../seams.ts';
import { createBuildIndex } from '../store/build-index.ts';
import { treeKey } from '../tree/key-tree.ts';
import { cleanPath } from '../tree/path.ts';
import { resolvePath } from '../tree/resolve.ts';
import { runThrough } from '../tree/steps.ts';
import type { BuildDefinition } from './definition.ts';
import { subjectOf } from './describe-build.ts';
import { inOrder, stepRecords } from './describe-steps.ts';
import { type ContextFolder, ignoreFileName, type NamedPath, namePath } from './foretell-paths.ts';
import { loadDefinition, now } from './one-request.ts';
import { buildArguments, planBuild, thisPlatform } from './plan-build.ts';
import { createImageResolver } from './resolve-image.ts';
import { createSources } from './sources.ts';
import { openState } from './state.ts';

/** Builds that are looked through for the times of steps. */
const furthest = 16;

/** @throws ERR_OFFLINE where a base image is not here, ERR_USAGE, and what reading and planning a build throws */
export async function foretellBuild(
  engine: EngineOptions,
  { build, paths }: ForetellRequest,
  call: CallOptions,
): Promise<Foretold> {
  const { signal, onEvent } = call;
  const request: BuildRequest = { ...build, offline: true, pull: false };
  await using state = openState(engine);
  await using sources = createSources(state, engine, request);
  const images = createImageResolver(state, { pull: false, offline: true, cwd: request.cwd, onEvent, now });
  const definition = await loadDefinition(request, sources, call);
  const buildPlatform = thisPlatform();
  const platforms = request.platforms.length > 0 ? request.platforms : [buildPlatform];
  const plan = { request, definition, images, buildPlatform };
  const planned = await Promise.all(platforms.map((platform) => planBuild(plan, platform, signal)));
  const targets = planned.map((one) => one.plan.target.vertex);
  const vertices = [...inOrder(targets).keys()];
  const steps = stepRecords(targets, { reports: new Map(), expired: new Map() });
  const subject = subjectOf({ request, definition });
  const folders = await contextFolders(request, definition);
  const named = paths.map((path) => namePath(path, folders, request.cwd));
  const reads = vertices.map((vertex) => readsOf(vertex, named, folders));
  const spread = spreadMisses(vertices.map((vertex, at) => spreadStep(vertex, steps[at]!, reads[at]!)));
  const told = [...spread.keys()];
  const position = (at: number): number => told.indexOf(at);
  const known = knownBuilds(state.root, subject);
  const times = timesOf(known, steps);
  const foretold = told.map((at): Foretold['steps'][number] => {
    const { type, stage, platform, lines } = steps[at]!;
    const { certainty, because } = spread.get(at)!;
    return {
      name: stepName(steps[at]!),
      type,
      ...(stage === undefined ? {} : { stage }),
      ...(platform === undefined ? {} : { platform }),
      ...{ lines, certainty },
      reads: [...reads[at]!].map((index) => paths[index]!),
      because: because === null ? null : position(because),
      seconds: times[at] ?? null,
    };
  });
  const sum = (certainty: string): number =>
    foretold.reduce((all, one) => all + (one.certainty === certainty ? (one.seconds ?? 0) : 0), 0);
  const newest = known[0];
  return {
    version: 1,
    dockerfile: subject.dockerfile.path,
    context: resolve(request.cwd, request.context),
    build: newest ? { id: newest.id, started: newest.started } : null,
    paths: named.map((one, index) => {
      const readers = told.flatMap((at, step) => (reads[at]!.has(index) ? [step] : []));
      return {
        path: one.path,
        files: [...one.files.values()].reduce((all, files) => all + files.length, 0),
        isNew: one.isNew,
        steps: readers,
        nothing: readers.length > 0 ? null : nothingReason(one, { request, definition, folders }),
      };
    }),
    steps: foretold,
    seconds: { runs: sum('runs'), mayRun: sum('may-run') },
    untimed: foretold.filter(({ seconds }) => seconds === null).length,
    missingArguments: newest ? missingArguments(newest, request) : [],
  };
}

/** @throws ERR_USAGE where the build context is no folder */
async function contextFolders(request: BuildRequest, definition: BuildDefinition): Promise<ContextFolder[]> {
  const { cwd, context, dockerfile } = request;
  const folders: ContextFolder[] = [];
  const add = async (name: string, path: string, ignore: string | undefined): Promise<void> => {
    const result = await definition.context(name);
    if (result.kind !== 'tree') return;
    const file =
      dockerfile === undefined ? resolve(path, definition.dockerfile.file) : resolve(cwd, dockerfile);
    const text = ignore ?? '';
    folders.push({
      ...{ name, path, tree: result.tree, ignore: text },
      ignoreFile: ignoreFileName(path, name === '' ? file : undefined, text),
    });
  };
  if (context === '-' || /^[a-z][\w+.-]*:\/\/|^git@/i.test(context))
    throw new SlipwayError('ERR_USAGE', '--if-changed needs a build context that is a folder', {
      hint: 'give the folder with --context',
    });
  await add('', resolve(cwd, context), definition.ignore);
  for (const { name, target } of definition.contexts.values())
    if (target.kind === 'folder') {
      const path = resolve(cwd, target.path);
      const { readIgnoreFile } = await import('../context/find-definition.ts');
      await add(name, path, readIgnoreFile(path, undefined));
    }
  return folders;
}

/** Which of the paths a step reads itself, by their positions. */
function readsOf(
  { op, inputs }: Vertex,
  named: readonly NamedPath[],
  folders: readonly ContextFolder[],
): ReadonlySet<number> {
  const found = new Set<number>();
  if (op.type !== 'copy' && op.type !== 'exec') return found;
  for (const folder of folders) {
    const isFolder = (input: number | undefined): boolean => {
      const source = input === undefined ? undefined : inputs[input]?.op;
      return source?.type === 'context' && contextKey(source.name) === contextKey(folder.name);
    };
    if (!inputs.some((_, index) => isFolder(index))) continue;
    const added = named.flatMap(({ files }) => files.get(folder.name) ?? []);
    const tree = createReadingTree(
      folder.tree,
      added.filter((path) => !folder.tree.lstat(path)),
    );
    readAll(op, isFolder, tree);
    for (const [index, { files }] of named.entries())
      if (files.get(folder.name)?.some((path) => tree.read.has(path))) found.add(index);
  }
  return found;
}

/** Looks at all that the step's key would be made of. */
function readAll(
  op: Extract<Vertex['op'], { type: 'copy' | 'exec' }>,
  isFolder: (input: number | undefined) => boolean,
  tree: Tree,
): void {
  if (op.type === 'exec') {
    for (const mount of op.mounts)
      if ('input' in mount && isFolder(mount.input))
        quietly(() =>
          runThrough(
            treeKey(tree, resolvePath(tree, cleanPath(mount.source), { followLast: true }), {
              mode: true,
              owner: false,
            }),
          ),
        );
    return;
  }
  for (const source of op.sources) {
    if (source.type === 'inline' || !isFolder(source.input)) continue;
    const { path } = source;
    quietly(() => {
      const matches = wildcardMatches(tree, path, op.parents);
      const input = { type: 'path', tree, path, matches, origin: 'the build context' } as const;
      runThrough(copyContentKey(op, [input]));
    });
  }
}

/** A source that is missing fails the build, and makes nothing run. */
function quietly(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
  }
}

function spreadStep({ op }: Vertex, { type, inputs }: StepRecord, reads: ReadonlySet<number>): SpreadStep {
  return { type, link: op.type === 'copy' && op.link, reads: reads.size > 0, inputs };
}

interface Definitions {
  request: BuildRequest;
  definition: BuildDefinition;
  folders: readonly ContextFolder[];
}

function nothingReason(
  { path, nothing }: NamedPath,
  { request, definition, folders }: Definitions,
): ForetoldPath['nothing'] {
  const main = folders[0]!;
  const absolute = [resolve(request.cwd, path), resolve(main.path, path)];
  const { file } = definition.dockerfile;
  const dockerfile = request.dockerfile === undefined ? resolve(main.path, file) : resolve(request.cwd, file);
  if (absolute.includes(dockerfile)) return { kind: 'dockerfile' };
  if (main.ignore !== '' && absolute.includes(resolve(main.path, main.ignoreFile)))
    return { kind: 'ignore-file' };
  return nothing ?? { kind: 'unread' };
}

function knownBuilds(root: string, subject: ReturnType<typeof subjectOf>): BuildRecord[] {
  const index = createBuildIndex(root);
  const found: BuildRecord[] = [];
  for (const name of index.list(subject.dockerfile.path)) {
    if (found.length >= furthest) break;
    const record = index.read(name);
    if (record && record.target === subject.target) found.push(record);
  }
  return found;
}

/** Of each step the newest time that is known of the same words in the same place. */
function timesOf(known: readonly BuildRecord[], steps: readonly StepRecord[]): (number | undefined)[] {
  const times: (number | undefined)[] = steps.map(() => undefined);
  for (const record of known) {
    if (times.every((time) => time !== undefined)) break;
    for (const [at, other] of matchSteps(record.steps, steps)) {
      const { seconds, text, outcome } = record.steps[other]!;
      if (text === steps[at]!.text && (outcome === 'hit' || outcome === 'ran')) times[at] ??= seconds;
    }
  }
  return times;
}

function missingArguments({ buildArgs }: BuildRecord, request: BuildRequest): string[] {
  const given = buildArguments(request);
  return Object.entries(buildArgs).flatMap(([name, digest]) =>
    given[name] !== undefined && digestOf(given[name]) === digest ? [] : [name],
  );
}
