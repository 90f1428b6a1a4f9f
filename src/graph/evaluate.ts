// Walks a stage's instructions, base first, and makes its vertices. Stages are evaluated when something needs them.
import { resolve } from 'node:path/posix';
import { expandWord, expandWords } from '../dockerfile/expand.ts';
import type { Instruction, RunInstruction } from '../dockerfile/instruction.ts';
import { parseTrigger } from '../dockerfile/parse.ts';
import { type Place, SlipwayError, withPlace } from '../errors.ts';
import { formatPlatform, type Platform, parsePlatform } from '../oci/platform.ts';
import { copyVertex } from './copy.ts';
import type { Env } from './env.ts';
import { proxyEnv } from './global-args.ts';
import { makeVertex } from './make-vertex.ts';
import { applyMetadata } from './metadata.ts';
import type { PlanInput } from './plan.ts';
import { runVertex } from './run.ts';
import { contextKey, contextVertex, imageKey, imageOp } from './sources.ts';
import { findSourceStage, findStage, type Stage } from './stage.ts';
import { childState, commit, emptyState, imageState, type StageState } from './stage-state.ts';
import type { ImageOp, Vertex } from './vertex.ts';

/** Thrown inside planning where base images are not known yet. */
export class NeedsImages extends Error {
  readonly images: { op: ImageOp; place: Place }[];
  constructor(images: { op: ImageOp; place: Place }[]) {
    super('base images are not known yet');
    this.images = images;
  }
}

export interface Evaluator {
  evaluate(stage: Stage): StageState;
  /** Build arguments that some ARG took. */
  consumed: Set<string>;
}

interface Scope {
  input: PlanInput;
  stages: Stage[];
  globals: Env;
}

/** Names and counts the steps of one stage as BuildKit does: `[build 2/4] `. */
function stepLabels(stage: Stage, scope: Scope, platform: Platform, total: number): () => string {
  const single = scope.stages.length === 1;
  const name = stage.name ?? (single ? '' : `stage-${stage.index}`);
  const prefix = [scope.input.multiPlatform ? formatPlatform(platform) : '', name].filter(Boolean).join(' ');
  let index = 0;
  return () => {
    index++;
    const number = `${String(index).padStart(String(total).length)}/${total}`;
    return `[${prefix === '' ? number : `${prefix} ${number}`}] `;
  };
}

export function createEvaluator(scope: Scope): Evaluator {
  const { input, stages, globals } = scope;
  const { file, escape: escapeSign } = input.dockerfile;
  const states = new Map<Stage, StageState>();
  const consumed = new Set<string>();
  const expandOptions = { escape: escapeSign };
  const noCacheStages = new Set(input.noCacheFilter.map((name) => name.toLowerCase()));

  const ignoresCache = (stage: Stage): boolean =>
    input.noCache ||
    noCacheStages.has(stage.name ?? `stage-${stage.index}`) ||
    noCacheStages.has(String(stage.index));

  /** A named context of that name, as a vertex. */
  function namedContext(name: string, platform: Platform, place: Place): Vertex | undefined {
    const found = input.contexts.get(contextKey(name));
    if (!found) return undefined;
    if (found.target.kind === 'folder') return contextVertex(found.name, place);
    return imageVertex(
      { type: 'image', origin: found.target.origin, platform },
      `[context ${found.name}] ${found.target.origin.reference}`,
      place,
    );
  }

  function imageVertex(op: ImageOp, name: string, place: Place): Vertex {
    return makeVertex({ op, inputs: [], name, place, ignoreCache: false });
  }

  /** The image of a FROM line: its config must be known. */
  function baseImage(op: ImageOp, label: () => string, place: Place): StageState {
    const known = input.images.get(imageKey(op));
    if (!known) throw new NeedsImages(missingImages(op, place));
    const vertex = imageVertex(op, `${label()}FROM ${known.name}`, place);
    return imageState(vertex, known.config, op.platform);
  }

  /** All images that can be seen to be missing, so that they are asked for at once. */
  function missingImages(first: ImageOp, place: Place): { op: ImageOp; place: Place }[] {
    const missing = new Map([[imageKey(first), { op: first, place }]]);
    for (const stage of reachable()) {
      const base = stageBase(stage);
      if (base?.op && !input.images.has(imageKey(base.op)))
        missing.set(imageKey(base.op), { op: base.op, place: stage.place });
    }
    return [...missing.values()];
  }

  let targetStage: Stage | undefined;
  /** Stages that the target needs as far as the text shows, without triggers. */
  function reachable(): Set<Stage> {
    const seen = new Set<Stage>();
    const visit = (stage: Stage | undefined): void => {
      if (!stage || seen.has(stage)) return;
      seen.add(stage);
      visit(stageBase(stage)?.stage);
      for (const instruction of stage.instructions) {
        for (const from of referencedNames(instruction)) {
          if (!input.contexts.has(contextKey(from)))
            visit(findSourceStage(stages, from, stage.index, stage.place));
        }
      }
    };
    try {
      visit(targetStage);
    } catch (error) {
      // Reported with its own place when the stage is evaluated.
      if (!(error instanceof SlipwayError)) throw error;
    }
    return seen;
  }

  function referencedNames(instruction: Instruction): string[] {
    if (instruction.keyword === 'COPY' || instruction.keyword === 'ADD')
      return instruction.from === undefined ? [] : [instruction.from];
    if (instruction.keyword !== 'RUN') return [];
    return instruction.mounts
      .flatMap((text) => /(?:^|,)from=([^,]+)/i.exec(text)?.[1] ?? [])
      .filter((from) => !/^\d+$/.test(from));
  }

  /** What a FROM line stands for. */
  function stageBase(
    stage: Stage,
  ): { stage?: Stage; op?: ImageOp; vertex?: Vertex; platform: Platform } | undefined {
    const place = stage.place;
    const name = expandWord(stage.from.image, globals.get, expandOptions);
    if (name === '') {
      throw new SlipwayError('ERR_SYNTAX', `base name (${stage.from.image}) should not be blank`, {
        place,
        hint: 'give the ARG a default before the first FROM, or pass it with --build-arg',
      });
    }
    const wanted =
      stage.from.platform === undefined ? '' : expandWord(stage.from.platform, globals.get, expandOptions);
    if (stage.from.platform !== undefined && wanted === '') {
      throw new SlipwayError('ERR_PLATFORM', `empty platform value from expression ${stage.from.platform}`, {
        place,
      });
    }
    const platform = wanted === '' ? input.targetPlatform : parsePlatform(wanted, input.buildPlatform);
    const own = stage.name === undefined ? undefined : input.contexts.get(contextKey(stage.name));
    const named = own ?? input.contexts.get(contextKey(name));
    if (named) {
      if (named.target.kind === 'folder') return { vertex: contextVertex(named.name, place), platform };
      return { op: { type: 'image', origin: named.target.origin, platform }, platform };
    }
    const base = findStage(stages, name, stage.index);
    if (base) return { stage: base, platform };
    if (name === 'scratch') return { platform };
    return { op: imageOp(name, platform, place), platform };
  }

  function source(
    from: string,
    state: StageState,
    stage: Stage,
    place: Place,
    numbers: boolean,
  ): Vertex | undefined {
    if (/\$/.test(from)) {
      throw new SlipwayError(
        'ERR_SYNTAX',
        `invalid from flag value ${from}: variables are not expanded there`,
        {
          place,
          hint: `add a stage FROM ${from} AS name above, and name that`,
        },
      );
    }
    const named = namedContext(from, state.platform, place);
    if (named) return named;
    const found =
      numbers || !/^\d+$/.test(from) ? findSourceStage(stages, from, stage.index, place) : undefined;
    if (found) return evaluate(found).vertex;
    if (from === 'scratch') return undefined;
    const op = imageOp(from, state.platform, place);
    return imageVertex(op, `FROM ${op.origin.reference}`, place);
  }

  /** Not expanded, errors and all, where --build-arg gives a value. */
  function argDefault(state: StageState, name: string, text: string | undefined): string | undefined {
    return text === undefined ? globals.get(name) : expandWord(text, state.env.get, expandOptions);
  }

  function applyArg(state: StageState, args: readonly { name: string; value: string | undefined }[]): void {
    const texts: string[] = [];
    for (const arg of args) {
      const name = expandWord(arg.name, state.env.get, expandOptions);
      const given = input.buildArgs[name];
      if (given !== undefined) consumed.add(name);
      const value = given ?? argDefault(state, name, arg.value);
      if (value !== undefined) state.env.set(name, value);
      state.declared.push({ name, value });
      texts.push(value === undefined ? name : `${name}=${value}`);
    }
    commit(state, `ARG ${texts.join(' ')}`);
  }

  function applyWorkdir(
    state: StageState,
    value: string,
    label: () => string,
    place: Place,
    ignoreCache: boolean,
  ): void {
    const before = state.config.WorkingDir || '/';
    const path = value.startsWith('/') ? value : resolve('/', before, value);
    state.config.WorkingDir = path;
    const clean = resolve('/', path);
    const name = label();
    if (clean === '/') {
      commit(state, `WORKDIR ${path}`);
      return;
    }
    const op = { type: 'mkdir' as const, path: clean, user: state.config.User ?? '' };
    state.vertex = makeVertex({
      op,
      inputs: [state.vertex],
      name: `${name}WORKDIR ${value || path}`,
      place,
      ignoreCache,
    });
    commit(state, `WORKDIR ${path}`, state.vertex);
  }

  function apply(
    state: StageState,
    instruction: Instruction,
    stage: Stage,
    label: () => string,
    at?: Place,
  ): void {
    const place = at ?? { file, range: instruction.range };
    const expand = (text: string): string => expandWord(text, state.env.get, expandOptions);
    const ignoreCache = ignoresCache(stage);
    const shared = {
      place,
      expand,
      context: () => namedContext('context', state.platform, place) ?? contextVertex('', place),
    };
    switch (instruction.keyword) {
      case 'FROM':
        throw new SlipwayError('ERR_SYNTAX', 'FROM cannot stand here', { place });
      case 'ARG':
        applyArg(state, instruction.args);
        return;
      case 'WORKDIR':
        applyWorkdir(state, expand(instruction.value), label, place, ignoreCache);
        return;
      case 'RUN': {
        const made = runVertex(state, instruction, {
          ...shared,
          source: (from) => source(from, state, stage, place, false),
          network: input.network,
          allow: input.allow,
          proxy: proxyEnv(input.buildArgs),
          cacheNamespace: input.buildArgs['BUILDKIT_CACHE_MOUNT_NS']
            ? `${input.buildArgs['BUILDKIT_CACHE_MOUNT_NS']}/`
            : '',
        });
        state.vertex = makeVertex({ ...made.parts, name: label() + runName(instruction), ignoreCache });
        commit(state, made.createdBy, state.vertex);
        return;
      }
      case 'COPY':
      case 'ADD': {
        const made = copyVertex(state, instruction, {
          ...shared,
          source: (from) => source(from, state, stage, place, true),
        });
        state.vertex = makeVertex({ ...made.parts, name: label() + instruction.text, ignoreCache });
        commit(state, made.createdBy, state.vertex);
        return;
      }
      default: {
        const context = {
          place,
          expand,
          expandWords: (text: string) => expandWords(text, state.env.get, expandOptions),
        };
        applyMetadata(state, instruction, context);
      }
    }
  }

  function begin(
    stage: Stage,
    label: () => string,
    base: NonNullable<ReturnType<typeof stageBase>>,
  ): StageState {
    if (base.stage) return childState(evaluate(base.stage));
    if (base.op) return baseImage(base.op, label, stage.place);
    const state = emptyState(base.platform);
    if (!base.vertex) return state;
    const op = {
      type: 'copy' as const,
      sources: [{ type: 'path' as const, input: 1, path: '/' }],
      destination: '/',
      chown: undefined,
      chmod: undefined,
      link: true,
      parents: false,
      excludes: [],
      unpack: false,
    };
    state.vertex = makeVertex({
      op,
      inputs: [undefined, base.vertex],
      name: `${label()}FROM ${base.vertex.name}`,
      place: stage.place,
      ignoreCache: false,
    });
    commit(state, 'COPY / / # buildkit', state.vertex);
    return state;
  }

  function evaluateStage(stage: Stage): StageState {
    const base = stageBase(stage)!;
    const replaced = stage.name !== undefined && input.contexts.has(contextKey(stage.name));
    const instructions = replaced ? [] : stage.instructions;
    const triggersOf = base.op
      ? (input.images.get(imageKey(base.op))?.config.config?.OnBuild ?? [])
      : base.stage
        ? (evaluate(base.stage).config.OnBuild ?? [])
        : [];
    const triggers = triggersOf.map((trigger) => parseTrigger(trigger, stage.place, escapeSign));
    const steps = [...triggers, ...instructions].filter(({ keyword }) =>
      ['RUN', 'COPY', 'ADD', 'WORKDIR'].includes(keyword),
    ).length;
    const label = stepLabels(stage, scope, base.platform, steps + (base.op || base.vertex ? 1 : 0));
    const state = begin(stage, label, base);
    state.config.OnBuild = null;
    for (const trigger of triggers) run(() => apply(state, trigger, stage, label, stage.place), stage.place);
    for (const instruction of instructions)
      run(() => apply(state, instruction, stage, label), { file, range: instruction.range });
    return state;
  }

  function run(work: () => void, place: Place): void {
    try {
      work();
    } catch (error) {
      throw withPlace(error, place);
    }
  }

  function evaluate(stage: Stage): StageState {
    targetStage ??= stage;
    let state = states.get(stage);
    if (!state) {
      state = evaluateStage(stage);
      states.set(stage, state);
    }
    return state;
  }

  return { evaluate, consumed };
}

function runName(instruction: RunInstruction): string {
  const summary = instruction.heredocs[0]?.body.trim().split('\n')[0];
  return summary === undefined
    ? instruction.text
    : `${instruction.text} (${summary}${summary.length > 40 ? '…' : ''})`;
}
