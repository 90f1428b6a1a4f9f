// `slipway context`: what a build's contexts hold, who reads it, and an ignore file for the rest. Nothing is run, nothing is hashed.
import { basename, join, relative, resolve } from 'node:path';
import type { BuildRequest } from '../build-request.ts';
import { findIgnoreFile } from '../context/find-definition.ts';
import type { CallOptions, EngineOptions } from '../engine.ts';
import { SlipwayError } from '../errors.ts';
import { runInTurns } from '../fs/in-turns.ts';
import { parseGitReference } from '../graph/git-reference.ts';
import { contextKey } from '../graph/sources.ts';
import { splitStages } from '../graph/stage.ts';
import type { Vertex } from '../graph/vertex.ts';
import type { Result } from '../ops/result.ts';
import { redactSource } from '../redact-source.ts';
import type { Tree } from '../seams.ts';
import { createDirectoryTree } from '../snapshot/plain-tree.ts';
import { cleanPath } from '../tree/path.ts';
import type { ContextNode } from '../usage/context-node.ts';
import type { ContextReport } from '../usage/context-report.ts';
import { type ContextRead, type ContextStep, contextSteps } from '../usage/context-step.ts';
import { type ContextFiles, reportUse } from '../usage/report-use.ts';
import { type AssumedBases, createAssumedBases } from './assumed-bases.ts';
import type { BuildDefinition } from './definition.ts';
import { loadDefinition } from './one-request.ts';
import { checkFolder } from './open-context.ts';
import { type BaseResolver, type PlannedBuild, planBuild, thisPlatform } from './plan-build.ts';
import { proveIgnore } from './prove-ignore.ts';
import { createImageResolver } from './resolve-image.ts';
import { emptyTree } from './single-file-tree.ts';
import { createSources } from './sources.ts';
import { openState } from './state.ts';

export interface ContextQuery {
  request: BuildRequest;
  /** What the ignore file would be is wanted, too: base images that are not stored are asked for, since they may hold triggers. */
  propose: boolean;
}

interface Inspection {
  request: BuildRequest;
  definition: BuildDefinition;
  signal: AbortSignal;
  /** What limits what is said. */
  notes: string[];
}

/** @throws what a build throws before its first step, for the Dockerfile, the context and, with `propose`, the base images */
export async function inspectContext(
  engine: EngineOptions,
  { request, propose }: ContextQuery,
  call: CallOptions,
): Promise<ContextReport> {
  const { signal, onEvent } = call;
  await using state = openState(engine);
  await using sources = createSources(state, engine, request);
  const definition = await loadDefinition(request, sources, call);
  const notes: string[] = [];
  const inspection: Inspection = { request, definition, signal, notes };
  const { cwd, offline } = request;
  const resolver = createImageResolver(state, { pull: false, cwd, offline, onEvent, now: () => Date.now() });
  const bases = createAssumedBases({ root: engine.root, resolver, assume: !propose });
  const steps = await planSteps(inspection, bases);
  const contexts = await openContexts(inspection, steps);
  const use = await runInTurns(reportUse(contexts, steps), signal);
  for (const reference of bases.unknown)
    notes.push(`${reference} is not stored here: its ENV and its triggers (ONBUILD) are not known`);
  const [main] = use.contexts;
  const all = use.steps.find((step) => step.reads.some(isAll));
  if (all && folderOf(request) !== undefined && main!.ignoreFile === undefined)
    notes.push(
      `${all.file}:${all.line} copies all of the context, and no ignore file leaves anything out (slipway lint --explain SW002)`,
    );
  if (use.unreadable.length > 0) notes.push(`folders that can't be read: ${use.unreadable.join(', ')}`);
  const report: ContextReport = {
    dockerfile: definition.dockerfile.file,
    ...{ contexts: use.contexts, steps: use.steps, notes, change: undefined },
  };
  const folder = folderOf(request);
  if (!propose) return report;
  if (folder === undefined) {
    notes.push('no ignore file is proposed: those of repositories, archives and URLs are not heeded');
    return report;
  }
  const ignoreFile = definition.ignoreFile ?? join(folder, '.dockerignore');
  const name = relative(request.cwd, ignoreFile) || ignoreFile;
  const proved = proveIgnore(report, contexts[0]!.files, {
    path: ignoreFile,
    name,
    inContext: relative(folder, ignoreFile),
    before: definition.ignoreFile === undefined ? undefined : definition.ignore,
  });
  notes.push(...proved.notes);
  const others =
    proved.change && !/.\.dockerignore$/.test(basename(ignoreFile)) ? dockerfilesIn(main!.root) : [];
  for (const other of others.filter(
    (one) =>
      resolve(folder, one) !== resolve(cwd, request.dockerfile ?? join(folder, definition.dockerfile.file)),
  ))
    notes.push(`${other} may be built with the same ignore file: look at what it reads with -f`);
  return { ...report, change: proved.change };
}

/** Files that are named like Dockerfiles, and have no ignore file of their own. */
function dockerfilesIn({ children, shown }: ContextNode): string[] {
  if (!shown) return [];
  const names = new Set(children.map(({ name }) => name));
  return children.flatMap((child) => {
    if (child.entry.type === 'dir') return dockerfilesIn(child);
    const { name, path } = child;
    const isOne = /^(Dockerfile|Containerfile)(\..+)?$|.\.(Dockerfile|Containerfile)$/i.test(name);
    if (!isOne || name.endsWith('.dockerignore') || names.has(`${name}.dockerignore`)) return [];
    return [path.slice(1)];
  });
}

const isAll = ({ type, context, path }: ContextRead): boolean =>
  type === 'copy' && context === '' && cleanPath(path) === '/';

/** Every stage that can be built counts, unless one is named: an ignore file holds for all of them. */
async function planSteps(inspection: Inspection, bases: AssumedBases): Promise<ContextStep[]> {
  const { request, definition, notes } = inspection;
  const { stages } = splitStages(definition.dockerfile);
  const others = stages.slice(0, -1).flatMap(({ name }) => (name === undefined ? [] : [name]));
  const vertices = await planTarget(inspection, bases, request.target);
  const found = vertices.map((vertex) => ({ vertex, inTarget: true }));
  for (const target of request.target ? [] : others) {
    try {
      for (const vertex of await planTarget(inspection, bases, target))
        found.push({ vertex, inTarget: false });
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      notes.push(`stage ${target} can't be built, and is not looked at: ${error.message}`);
    }
  }
  return contextSteps(found);
}

/** The last vertex on each platform. */
async function planTarget(
  { request, definition, signal }: Inspection,
  bases: AssumedBases,
  target: string | undefined,
): Promise<(Vertex | undefined)[]> {
  const buildPlatform = thisPlatform();
  const platforms = request.platforms.length > 0 ? request.platforms : [buildPlatform];
  const planWith = (images: BaseResolver): Promise<PlannedBuild[]> => {
    const parts = { request: { ...request, target }, definition, images, buildPlatform };
    return Promise.all(platforms.map((platform) => planBuild(parts, platform, signal)));
  };
  let planned: PlannedBuild[];
  try {
    planned = await planWith(bases);
  } catch (error) {
    // A variable of a base image may be what is missing.
    if (!(error instanceof SlipwayError) || bases.unknown.size === 0) throw error;
    planned = await planWith(bases.resolver);
    bases.unknown.clear();
  }
  return planned.map(({ plan }) => plan.target.vertex);
}

/** The folder of the main context; undefined where it is none. */
function folderOf({ context, cwd }: BuildRequest): string | undefined {
  if (context === '-' || parseGitReference(context) || /^[a-z][\w+.-]*:\/\//i.test(context)) return undefined;
  return resolve(cwd, context);
}

async function openContexts(
  { request, definition, signal }: Inspection,
  steps: readonly ContextStep[],
): Promise<ContextFiles[]> {
  const { cwd } = request;
  const folder = folderOf(request);
  const { ignore, ignoreFile } = definition;
  const shown = (path: string): string => relative(cwd, path) || path;
  const main: ContextFiles = {
    name: '',
    source: redactSource(request.context),
    files: folder === undefined ? await filesOf(definition, '', signal) : openAll(folder),
    ignore: ignoreFile === undefined ? undefined : { name: shown(ignoreFile), text: ignore },
  };
  const contexts = [main];
  for (const name of new Set(steps.flatMap(({ reads }) => reads.map(({ context }) => context)))) {
    if (name === '') continue;
    const target = definition.contexts.get(contextKey(name))?.target;
    const given = request.buildContexts.find((one) => contextKey(one.name) === contextKey(name));
    const source = redactSource(given?.value ?? '');
    if (target?.kind !== 'folder') {
      const files = await filesOf(definition, name, signal);
      contexts.push({ name, source, files, ignore: undefined });
      continue;
    }
    const path = checkFolder(resolve(cwd, target.path), `build context ${name}`);
    const own = findIgnoreFile(path, undefined);
    const rules = own && { name: shown(own.path), text: own.text };
    contexts.push({ name, source, files: openAll(path), ignore: rules });
  }
  return contexts;
}

const openAll = (path: string): Tree =>
  createDirectoryTree(path, { owner: { uid: 0, gid: 0 }, xattrs: false });

/** Of a context for which no ignore file counts. */
async function filesOf(definition: BuildDefinition, name: string, signal: AbortSignal): Promise<Tree> {
  const result: Result = await definition.context(name);
  if (result.kind === 'tree') return result.tree;
  return result.kind === 'remote' ? result.open(signal) : emptyTree;
}
