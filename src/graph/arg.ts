// ARG in a stage: values from the command line, from the global scope, or the instruction's own default.
import { type ExpandOptions, expandWord } from '../dockerfile/expand.ts';
import type { ArgInstruction } from '../dockerfile/instruction.ts';
import type { Env } from './env.ts';
import { commit, type StageState } from './stage-state.ts';

export interface ArgValues {
  buildArgs: Record<string, string>;
  globals: Env;
  /** Takes note of the build arguments that were used. */
  consumed: Set<string>;
  expand: ExpandOptions;
}

/** A name is what is written. Later values of one line see earlier ones. A default is not expanded, errors and all, where the command line gives a value. */
export function applyArg(state: StageState, instruction: ArgInstruction, values: ArgValues): void {
  const texts: string[] = [];
  const expand = (text: string): string => expandWord(text, state.env.get, values.expand);
  for (const arg of instruction.args) {
    const { name } = arg;
    const given = values.buildArgs[name];
    if (given !== undefined) values.consumed.add(name);
    const value = given ?? (arg.value === undefined ? values.globals.get(name) : expand(arg.value));
    // What steers the SBOM is no concern of RUN's, as in BuildKit.
    if (value !== undefined && !name.startsWith('BUILDKIT_SBOM_SCAN_')) state.env.set(name, value);
    state.declared.push({ name, value });
    texts.push(value === undefined ? name : `${name}=${value}`);
  }
  commit(state, `ARG ${texts.join(' ')}`);
}
