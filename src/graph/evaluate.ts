// Walks a stage's instructions, base first, and makes its vertices. Stages are evaluated when something needs them.
import { expandHeredoc, expandWord, expandWords } from '../dockerfile/expand.ts';
import type { Instruction, RunInstruction } from '../dockerfile/instruction.ts';
import { parseTrigger } from '../dockerfile/parse.ts';
import { type Place, SlipwayError, withPlace } from '../errors.ts';
import { applyArg } from './arg.ts';
import { copyVertex } from './copy.ts';
import { proxyEnv } from './global-args.ts';
import { makeVertex } from './make-vertex.ts';
import { applyMetadata } from './metadata.ts';
import type { PlanInput, PlanWarning } from './plan.ts';
import { reachableStages } from './reachable.ts';
import { runVertex } from './run.ts';
import type { Scope } from './scope.ts';
import { namedContext, sourceVertex } from './source-vertex.ts';
import { contextVertex, imageKey, imageVertex } from './sources.ts';
import { nearStage, type Stage } from './stage.ts';
import { type StageBase, stageBase } from './stage-base.ts';
import { builtState, childState, commit, emptyState, imageState, type StageState } from './stage-state.ts';
import { createStepLabels } from './step-label.ts';
import { copyName, runName } from './step-name.ts';
import type { CopyOp, ImageOp } from './vertex.ts';
import { applyWorkdir } from './workdir.ts';

export interface NeededImage {
  op: ImageOp;
  place: Place;
  /** What the user may have meant, should there be no such image. */
  suggestion: string | undefined;
}

/** Thrown inside planning where base images are not known yet. */
export class NeedsImages extends Error {
  readonly images: NeededImage[];
  constructor(images: NeededImage[]) {
    super('base images are not known yet');
    this.images = images;
  }
}

export interface Evaluator {
  evaluate(stage: Stage): StageState;
  /** Build arguments that some ARG took. */
  consumed: Set<string>;
  /** What was said and means nothing, in the stages that were evaluated. */
  warnings: PlanWarning[];
}

/** One instruction's surroundings. */
interface Step {
  stage: Stage;
  place: Place;
  label(): string;
}

const stepKeywords = ['RUN', 'COPY', 'ADD', 'WORKDIR'];

export function createEvaluator(scope: Scope, input: PlanInput): Evaluator {
  const states = new Map<Stage, StageState>();
  const consumed = new Set<string>();
  const warnings: PlanWarning[] = [];
  const { expand: expandOptions } = scope;
  const noCacheStages = new Set(input.noCacheFilter.map((name) => name.toLowerCase()));

  const ignoresCache = ({ name, index }: Stage): boolean =>
    input.noCache || noCacheStages.has(name ?? `stage-${index}`) || noCacheStages.has(String(index));

  function needed(stage: Stage, op: ImageOp): NeededImage {
    const near = nearStage(scope.stages, stage.from.image, stage.index);
    return { op, place: stage.place, suggestion: near && `did you mean the stage ${near}?` };
  }

  /** All images that can be seen to be missing, so that they are asked for at once. */
  function missingImages(first: NeededImage): NeededImage[] {
    const missing = new Map([[imageKey(first.op), first]]);
    for (const stage of reachableStages(scope)) {
      const base = stageBase(scope, stage);
      if (base.kind !== 'image' || input.images.has(imageKey(base.op))) continue;
      missing.set(imageKey(base.op), needed(stage, base.op));
    }
    return [...missing.values()];
  }

  function applyRun(state: StageState, instruction: RunInstruction, step: Step): void {
    const { stage, place } = step;
    const namespace = input.buildArgs['BUILDKIT_CACHE_MOUNT_NS'];
    const made = runVertex(state, instruction, {
      ...shared(state, step, false),
      network: input.network,
      allow: input.allow,
      proxy: proxyEnv(input.buildArgs),
      cacheNamespace: namespace ? `${namespace}/` : '',
    });
    const ignoreCache = ignoresCache(stage);
    state.vertex = makeVertex({
      ...made.parts,
      place,
      name: step.label() + runName(instruction),
      ignoreCache,
    });
    commit(state, made.createdBy, state.vertex);
  }

  /** What RUN and COPY ask of their surroundings. */
  function shared(state: StageState, { stage, place }: Step, numbers: boolean) {
    const { platform } = state;
    return {
      place,
      expand: (text: string): string => expandWord(text, state.env.get, expandOptions),
      heredoc: (body: string): string => expandHeredoc(body, state.env.get, { budget: expandOptions.budget }),
      source: (from: string) =>
        sourceVertex(scope, { from, stage, platform, place, numbers }, (other) => evaluate(other).vertex),
      context: () => {
        const named = namedContext(scope, { name: 'context', platform, place });
        return named ? named.vertex : contextVertex('', place);
      },
      policy: scope.policy,
      warn: (message: string) => {
        warnings.push({ message, place });
      },
    };
  }

  function apply(state: StageState, instruction: Instruction, step: Step): void {
    const { stage, place } = step;
    const { expand } = shared(state, step, true);
    switch (instruction.keyword) {
      case 'FROM':
        throw new SlipwayError('ERR_SYNTAX', 'FROM cannot stand here', { place });
      case 'ARG':
        applyArg(state, instruction, {
          buildArgs: input.buildArgs,
          globals: scope.globals,
          consumed,
          expand: expandOptions,
        });
        return;
      case 'WORKDIR':
        applyWorkdir(state, expand(instruction.value), {
          label: step.label(),
          place,
          ignoreCache: ignoresCache(stage),
        });
        return;
      case 'RUN':
        applyRun(state, instruction, step);
        return;
      case 'COPY':
      case 'ADD': {
        const made = copyVertex(state, instruction, shared(state, step, true));
        state.vertex = makeVertex({
          ...made.parts,
          name: step.label() + copyName(instruction),
          ignoreCache: ignoresCache(stage),
        });
        commit(state, made.createdBy, state.vertex);
        return;
      }
      default:
        applyMetadata(state, instruction, {
          place,
          expand,
          expandWords: (text) => expandWords(text, state.env.get, expandOptions),
        });
    }
  }

  /** Where a stage begins, its base's triggers not yet run. */
  function begin(stage: Stage, base: StageBase, label: () => string): StageState {
    switch (base.kind) {
      case 'stage':
        return childState(evaluate(base.stage));
      case 'target':
        return builtState(base.state);
      case 'scratch':
        return emptyState(base.platform);
      case 'context': {
        const state = emptyState(base.platform);
        const { vertex } = base;
        state.vertex = makeVertex({
          op: copyAll,
          inputs: [undefined, vertex],
          name: `${label()}FROM ${vertex.name}`,
          place: stage.place,
          ignoreCache: false,
        });
        commit(state, 'COPY / / # buildkit', state.vertex);
        return state;
      }
      case 'image': {
        const known = input.images.get(imageKey(base.op));
        if (!known) throw new NeedsImages(missingImages(needed(stage, base.op)));
        return imageState(
          imageVertex(base.op, `${label()}FROM ${known.name}`, stage.place),
          known.config,
          base.platform,
        );
      }
    }
  }

  function triggersOf(base: StageBase): string[] {
    if (base.kind === 'stage') return evaluate(base.stage).config.OnBuild ?? [];
    if (base.kind === 'target') return base.state.config.OnBuild ?? [];
    if (base.kind === 'image') return input.images.get(imageKey(base.op))?.config.config?.OnBuild ?? [];
    return [];
  }

  function evaluateStage(stage: Stage): StageState {
    const base = stageBase(scope, stage);
    // A named context with the stage's name takes its place.
    const instructions =
      stage.name !== undefined && scope.context(stage.name, base.platform) ? [] : stage.instructions;
    const triggers = triggersOf(base).map((trigger) =>
      parseTrigger(trigger, stage.place, expandOptions.escape),
    );
    const steps = [...triggers, ...instructions].filter(({ keyword }) =>
      stepKeywords.includes(keyword),
    ).length;
    const total = steps + (base.kind === 'image' || base.kind === 'context' ? 1 : 0);
    const platform = input.multiPlatform ? base.platform : undefined;
    const label = createStepLabels(stage, { single: scope.stages.length === 1, platform, total });
    const state = begin(stage, base, label);
    state.config.OnBuild = null;
    const applyAt = (instruction: Instruction, place: Place): void => {
      try {
        apply(state, instruction, { stage, place, label });
      } catch (error) {
        throw withPlace(error, place);
      }
    };
    for (const trigger of triggers) applyAt(trigger, stage.place);
    for (const instruction of instructions)
      applyAt(instruction, { file: scope.file, range: instruction.range });
    return state;
  }

  function evaluate(stage: Stage): StageState {
    const state = states.get(stage) ?? evaluateStage(stage);
    states.set(stage, state);
    return state;
  }

  return { evaluate, consumed, warnings };
}

/** FROM of a folder: all of it. */
const copyAll: CopyOp = {
  type: 'copy',
  sources: [{ type: 'path', input: 1, path: '/' }],
  destination: '/',
  chown: undefined,
  chmod: undefined,
  link: true,
  parents: false,
  excludes: [],
  unpack: false,
};
