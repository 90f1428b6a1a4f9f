// Replays a history of rebuilds: puts each change in place, has each variant built, and keeps what is known by then.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { findDefinition } from '../../context/find-definition.ts';
import type { EngineOptions } from '../../engine.ts';
import { SlipwayError } from '../../errors.ts';
import { formatPlatform } from '../../oci/platform.ts';
import { changeName } from '../../replay/replay-build.ts';
import type { ReplayBuild, ReplayMachine, ReplayResult, ReplayVariant } from '../../replay/replay-result.ts';
import { secondsLeft } from '../../replay/time-left.ts';
import { thisPlatform } from '../plan-build.ts';
import { addLayers, type ReadLayers } from './add-layers.ts';
import { type OpenedHistory, openHistory } from './open-history.ts';
import type { Rebuilder } from './rebuilder.ts';
import type { ReplayCall, ReplayRequest } from './replay-request.ts';

/**
 * What is done by then is told after each build; a replay that is stopped can go on with `earlier`.
 * @throws ERR_USAGE for what can't be replayed, ERR_UNSUPPORTED where git or the builder is missing, and the signal's reason
 */
export async function runReplay(
  engine: EngineOptions,
  request: ReplayRequest,
  { signal, onBuild, readLayers }: ReplayCall & { readLayers?: ReadLayers },
): Promise<ReplayResult> {
  mkdirSync(request.work, { recursive: true });
  const history = await openHistory(request, signal);
  const variants = variantsOf(request, history);
  const memoryFile = join(request.work, 'memory.json');
  const rebuilder = await openRebuilder(engine, request, memoryFile);
  const result = begin(request, rebuilder.version, { history, variants });
  const times: number[] = [];
  const planned = result.planned * variants.length;
  try {
    for (const [index, change] of history.changes.entries()) {
      const open = variants.filter((_, at) => result.variants[at]!.builds.length <= index);
      if (open.length === 0) continue;
      await history.apply(index, signal);
      for (const variant of open) {
        const at = variants.indexOf(variant);
        const { dockerfile } = variant;
        const started = performance.now();
        const job = { variant: at, context: history.context, dockerfile };
        const build: ReplayBuild = { change, ...(await rebuilder.rebuild(job, signal)) };
        times.push((performance.now() - started) / 1000);
        const own = result.variants[at]!;
        own.builds.push(build);
        own.dockerfile = textOf(job) ?? own.dockerfile;
        const done = result.variants.reduce((sum, { builds }) => sum + builds.length, 0);
        const left = secondsLeft(times, planned - done);
        await onBuild({ done, planned, variant: own.name, build, secondsLeft: left }, result);
      }
    }
    if (readLayers) await addLayers(result, rebuilder, { readLayers, signal });
    rmSync(memoryFile, { force: true });
    return result;
  } catch (error) {
    const memory = rebuilder.memory?.();
    if (memory !== undefined) writeFileSync(memoryFile, JSON.stringify(memory));
    throw error;
  } finally {
    await rebuilder.close?.();
  }
}

interface OpenVariant {
  name: string;
  origin: ReplayVariant['origin'];
  /** Absolute. */
  dockerfile: string | undefined;
}

function variantsOf({ build, variants }: ReplayRequest, history: OpenedHistory): OpenVariant[] {
  const own = build.dockerfile;
  const inHistory = own === undefined ? undefined : history.place(resolve(build.cwd, own));
  const first: OpenVariant =
    own === undefined
      ? { name: 'Dockerfile', origin: 'history', dockerfile: undefined }
      : inHistory === undefined
        ? { name: own, origin: 'fixed', dockerfile: resolve(build.cwd, own) }
        : { name: own, origin: 'history', dockerfile: inHistory };
  const others = variants.map(
    (name): OpenVariant => ({ name, origin: 'fixed', dockerfile: resolve(build.cwd, name) }),
  );
  const all = [first, ...others];
  // Each has a name of its own.
  return all.map((one, at) =>
    all.findIndex(({ name }) => name === one.name) === at ? one : { ...one, name: `${one.name} (${at + 1})` },
  );
}

async function openRebuilder(
  engine: EngineOptions,
  request: ReplayRequest,
  memoryFile: string,
): Promise<Rebuilder> {
  if (request.dry) {
    const { foretellingRebuilder } = await import('./foretelling-rebuilder.ts');
    return foretellingRebuilder(engine, request);
  }
  if (request.builder !== 'slipway') {
    const { peerRebuilder } = await import('./peer-rebuilder.ts');
    return peerRebuilder(request);
  }
  const { slipwayRebuilder } = await import('./slipway-rebuilder.ts');
  return slipwayRebuilder(request, request.earlier ? readMemory(memoryFile) : undefined);
}

function readMemory(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Empty, or what was done before. @throws ERR_USAGE where that was of something else */
function begin(
  request: ReplayRequest,
  version: string,
  { history, variants }: { history: OpenedHistory; variants: OpenVariant[] },
): ReplayResult {
  const { history: asked, cache, runner, dry, builder, earlier, build, shownFlags } = request;
  const fresh: ReplayResult = {
    ...{ type: 'slipway-replay', version: 1, started: new Date().toISOString() },
    planned: history.changes.length,
    settings: {
      context: build.context,
      history: asked.type === 'commits' ? asked : { type: 'edits', file: asked.file },
      ...{ builder, runner, cache: cache.type === 'registry' ? `registry=${cache.ref}` : cache.type },
      ...{ dry, flags: shownFlags },
    },
    machine: thisMachine(version),
    variants: variants.map(({ name, origin }) => ({ name, origin, dockerfile: '', builds: [] })),
  };
  // What is only foretold is as quickly done anew.
  if (!earlier || dry) return fresh;
  const same =
    JSON.stringify([earlier.settings, earlier.variants.map(({ name }) => name)]) ===
    JSON.stringify([fresh.settings, variants.map(({ name }) => name)]);
  const names = history.changes.map(changeName);
  const isPart = earlier.variants.every(({ builds }) =>
    builds.every(({ change }, at) => changeName(change) === names[at]),
  );
  if (same && isPart) return { ...earlier, planned: fresh.planned };
  throw new SlipwayError('ERR_USAGE', 'what is to be resumed is a replay of something else', {
    hint: 'give the flags of before, or leave out --resume and name another --out',
  });
}

function thisMachine(builder: string): ReplayMachine {
  const all = cpus();
  return {
    platform: platform() === 'linux' ? formatPlatform(thisPlatform()) : `${platform()}/${arch()}`,
    kernel: release(),
    ...{ cpu: all[0]?.model.trim() ?? '', cpus: all.length, memory: totalmem() },
    ...{ node: process.versions.node, builder },
  };
}

/** The Dockerfile that was built; undefined where there is none. */
function textOf({
  context,
  dockerfile,
}: {
  context: string;
  dockerfile: string | undefined;
}): string | undefined {
  try {
    if (dockerfile !== undefined && isAbsolute(dockerfile)) return readFileSync(dockerfile, 'utf8');
    return findDefinition({ context, dockerfile: undefined, cwd: context }).text;
  } catch {
    return undefined;
  }
}
