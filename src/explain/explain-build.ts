// Two records of builds → why each step of the later one hit or missed. Pure: the trees of keys are looked up by the caller.
import type { BuildRecord, StepRecord } from '../build-record.ts';
import type { Digest } from '../oci/digest.ts';
import type { KeyTree } from '../seams.ts';
import { compareKeys, type KeyDifference } from './compare-keys.ts';
import type { Cause, ExplainedBuild, ExplainedStep } from './explanation.ts';
import { matchSteps } from './match-steps.ts';

export interface ExplainInput {
  build: BuildRecord;
  /** Undefined: there is none to compare with. */
  earlier: BuildRecord | undefined;
  /** What went into a key, where that is still known; asked only for steps whose keys differ. */
  tree(key: Digest): KeyTree | undefined;
  /** Other keys that led to the same result as this one. */
  also?(key: Digest): readonly Digest[];
}

export function explainBuild(input: ExplainInput): ExplainedBuild {
  const { build, earlier } = input;
  const isCompared = earlier !== undefined && earlier.steps === build.compared?.steps;
  const pairs = earlier ? matchSteps(earlier.steps, build.steps) : new Map<number, number>();
  const steps: ExplainedStep[] = [];
  const rootOf = (at: number): number => {
    const { root, causes } = steps[at]!;
    const below = build.steps[at]!.inputs[0];
    // A COPY --link is the same on another root.
    return causes.length === 0 && typeof below === 'number' ? rootOf(below) : (root ?? at);
  };
  // Inputs stand before those that they go into.
  for (const [at, step] of build.steps.entries()) {
    const other = pairs.get(at);
    const causes = causesOf(input, { step, other: other === undefined ? undefined : earlier!.steps[other] });
    const parents = causes.flatMap((cause) => (cause.kind === 'parent' ? [rootOf(cause.step)] : []));
    const root = causes.length === 0 ? {} : { root: parents[0] ?? at };
    steps.push({
      step: at,
      ...(other === undefined ? {} : { earlier: other }),
      outcome: step.outcome,
      causes,
      ...root,
    });
  }
  const sum = (outcomes: readonly string[]): number =>
    build.steps.reduce(
      (all, { outcome, seconds = 0 }) => all + (outcomes.includes(outcome) ? seconds : 0),
      0,
    );
  return {
    build,
    ...(earlier ? { earlier } : {}),
    ...(isCompared ? { cache: build.compared!.name } : {}),
    steps,
    seconds: { ran: sum(['ran', 'failed']), saved: sum(['hit']) },
  };
}

interface Pair {
  step: StepRecord;
  /** The same step of the earlier build. */
  other: StepRecord | undefined;
}

const missed = ({ outcome }: StepRecord): boolean => ['ran', 'failed', 'canceled'].includes(outcome);

function causesOf(input: ExplainInput, { step, other }: Pair): Cause[] {
  const { build, earlier } = input;
  if (step.outcome === 'unreached') return [];
  if (step.outcome === 'source') return sourceCauses(step, other);
  if (step.ignoresCache) return [{ kind: 'no-cache' }];
  if (other === undefined) {
    if (!missed(step)) return [];
    return [{ kind: earlier === undefined ? 'first-build' : 'new-step' }];
  }
  if (sharesKey(step, other)) return missed(step) ? [sameKeyCause(build, { step, other })] : [];
  const difference = differenceOf(input, { step, other });
  const causes: Cause[] = (difference?.inputs ?? []).flatMap((at): Cause[] =>
    parentCause(step, { other, at }),
  );
  causes.push(...(difference?.own ?? []));
  if (causes.length > 0 || !missed(step)) return causes;
  return [{ kind: 'unknown' }];
}

/** A moved base is told at its FROM. */
function sourceCauses(step: StepRecord, other: StepRecord | undefined): Cause[] {
  if (step.type !== 'image' || other === undefined || other.type !== 'image') return [];
  if (step.text === other.text && step.digest === other.digest) return [];
  return [{ kind: 'base', before: nameOf(other), after: nameOf(step) }];
}

const nameOf = ({ text }: StepRecord): string => text.replace(/^FROM /, '');

const sharesKey = ({ keys }: StepRecord, other: StepRecord): boolean => {
  const last = keys.at(-1);
  return last !== undefined && other.keys.includes(last);
};

function sameKeyCause(build: BuildRecord, { step, other }: { step: StepRecord; other: StepRecord }): Cause {
  if (other.outcome !== 'hit' && other.outcome !== 'ran') return { kind: 'not-stored' };
  const { source } = other;
  const isAsked = build.caches.some(({ name, answer }) => name === source && answer === 'read');
  if (source !== undefined && source !== 'local' && !isAsked) return { kind: 'not-asked', cache: source };
  if (build.compared?.steps.includes(other)) return { kind: 'no-layer', cache: build.compared.name };
  if (step.expired !== undefined) return { kind: 'expired' };
  return { kind: 'pruned' };
}

/** What an input has become is its own affair; files of a context are the step's, and told there. */
function parentCause(step: StepRecord, { other, at }: { other: StepRecord; at: number }): Cause[] {
  const parent = step.inputs[at];
  const before = other.inputs[at];
  if (at === 0 && (parent === null || parent === undefined || before === null || before === undefined)) {
    const name = (input: number | null | undefined): string =>
      typeof input === 'number' ? 'an image' : 'scratch';
    return parent === before ? [] : [{ kind: 'base', before: name(before), after: name(parent) }];
  }
  return typeof parent === 'number' ? [{ kind: 'parent', step: parent }] : [];
}

function differenceOf(
  input: ExplainInput,
  { step, other }: { step: StepRecord; other: StepRecord },
): KeyDifference | undefined {
  const { build, earlier } = input;
  const now = treesOf(input, step);
  const before = treesOf(input, other);
  const pair =
    pairWith(before, now, (tree) => typeof tree['content'] === 'object' || showsFiles(tree)) ??
    pairWith(before, now, (tree) => tree['sources'] !== undefined) ??
    pairWith(before, now, () => true);
  if (!pair) return undefined;
  const origin = step.inputs[1];
  const originType = typeof origin === 'number' ? build.steps[origin]?.type : undefined;
  return compareKeys(pair[0], pair[1], {
    texts: { before: other.text, after: step.text },
    readsContext: originType === 'context',
    contexts: step.inputs.flatMap((one, at) =>
      typeof one === 'number' && build.steps[one]?.type === 'context' ? [at] : [],
    ),
    isArgument: (name) =>
      Object.hasOwn(build.buildArgs, name) ||
      declares(build, step, name) ||
      (earlier !== undefined && declares(earlier, other, name)) ||
      (earlier !== undefined && Object.hasOwn(earlier.buildArgs, name)),
  });
}

function declares(
  { declaredArgs = {} }: BuildRecord,
  { stage = 'stage-0' }: StepRecord,
  name: string,
): boolean {
  return Object.hasOwn(declaredArgs, stage) && declaredArgs[stage]!.includes(name);
}

/** A RUN that was looked for by what its mounts show. */
function showsFiles({ mounts }: KeyTree): boolean {
  return (
    typeof mounts === 'object' &&
    Object.values(mounts).some((mount) => typeof mount === 'object' && typeof mount['content'] === 'object')
  );
}

function pairWith(
  before: readonly KeyTree[],
  now: readonly KeyTree[],
  is: (tree: KeyTree) => boolean,
): [KeyTree, KeyTree] | undefined {
  const [a, b] = [before.findLast(is), now.findLast(is)];
  return a && b ? [a, b] : undefined;
}

/** Those of the step's own keys, and of others that led to its result: the cheapest may be all that was asked for. */
function treesOf({ tree, also }: ExplainInput, { keys, trees }: StepRecord): KeyTree[] {
  const all = new Set([...keys, ...keys.flatMap((key) => also?.(key) ?? [])]);
  return [...all].flatMap((key) => {
    const found = (trees && Object.hasOwn(trees, key) ? trees[key] : undefined) ?? tree(key);
    // The key of what a step made says nothing of the step.
    return found && found['type'] !== undefined ? [found] : [];
  });
}
