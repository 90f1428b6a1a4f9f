// Which variables an instruction sees, with their values as far as the file tells.
import { expandWord } from '../dockerfile/expand.ts';
import type { LocatedInstruction } from '../dockerfile/parse-tolerant.ts';
import { isSlipwayError, type SourceRange } from '../errors.ts';
import type { Outline, OutlineStage } from './outline.ts';

export interface Variable {
  name: string;
  kind: 'ARG' | 'ENV' | 'automatic';
  /** Undefined where only the build knows. */
  value: string | undefined;
  /** The instruction that sets it; undefined for those that the builder sets. */
  setBy: SourceRange | undefined;
}

/** What a builder sets for FROM lines, and for stages that declare it with ARG. */
export const automaticArgs: readonly string[] = ['BUILD', 'TARGET']
  .flatMap((side) => ['PLATFORM', 'OS', 'OSVERSION', 'ARCH', 'VARIANT'].map((part) => side + part))
  .concat('TARGETSTAGE');

type Scope = ReadonlyMap<string, Variable>;

/** In front of an instruction; of a FROM line those of FROM lines. @param step undefined: at the end of the stage */
export function variablesAt(
  outline: Outline,
  stage: OutlineStage | undefined,
  step: LocatedInstruction | undefined,
): Scope {
  const globals = globalScope(outline, stage === undefined ? step : undefined);
  if (stage === undefined || step === stage.steps[0]) {
    const automatic = automaticArgs.map((name): [string, Variable] => [name, automaticVariable(name)]);
    return new Map([...automatic, ...globals]);
  }
  return stageScope(outline, { stage, step, globals });
}

function automaticVariable(name: string): Variable {
  return { name, kind: 'automatic', value: undefined, setBy: undefined };
}

function globalScope({ globals, file }: Outline, end: LocatedInstruction | undefined): Map<string, Variable> {
  const scope = new Map<string, Variable>();
  for (const one of globals) {
    if (one === end) break;
    if (one.instruction.keyword !== 'ARG') continue;
    for (const { name, value } of one.instruction.args) {
      const known = value === undefined ? undefined : expand(value, scope, file.dockerfile.escape);
      scope.set(name, { name, kind: 'ARG', value: known, setBy: one.instruction.range });
    }
  }
  return scope;
}

function stageScope(
  outline: Outline,
  {
    stage,
    step,
    globals,
  }: { stage: OutlineStage; step: LocatedInstruction | undefined; globals: Map<string, Variable> },
): Map<string, Variable> {
  const { escape: escapeSign } = outline.file.dockerfile;
  const scope = stage.parent
    ? stageScope(outline, { stage: stage.parent, step: undefined, globals })
    : new Map<string, Variable>();
  for (const one of stage.steps) {
    if (one === step) break;
    const { instruction } = one;
    if (instruction.keyword === 'ENV') {
      const before = new Map(scope);
      for (const { key, value } of instruction.pairs) {
        const known = expand(value, before, escapeSign);
        scope.set(key, { name: key, kind: 'ENV', value: known, setBy: instruction.range });
      }
    } else if (instruction.keyword === 'ARG') {
      for (const { name, value } of instruction.args) {
        // ENV counts more than ARG, wherever it stands.
        if (scope.get(name)?.kind === 'ENV') continue;
        const isAutomatic = value === undefined && !globals.has(name) && automaticArgs.includes(name);
        const known = value === undefined ? globals.get(name)?.value : expand(value, scope, escapeSign);
        const kind = isAutomatic ? 'automatic' : 'ARG';
        scope.set(name, { name, kind, value: known, setBy: instruction.range });
      }
    }
  }
  return scope;
}

/** Undefined where a part of it is known to the build alone; what the file does not set, a base image may. */
function expand(word: string, scope: Scope, escapeSign: '\\' | '`'): string | undefined {
  let isKnown = true;
  const lookup = (name: string): string | undefined => {
    const found = scope.get(name);
    if (found?.value === undefined) isKnown = false;
    return found?.value;
  };
  try {
    const value = expandWord(word, lookup, { escape: escapeSign });
    return isKnown ? value : undefined;
  } catch (error) {
    if (isSlipwayError(error)) return undefined;
    throw error;
  }
}
