// What `slipway lint` does with one file, told in plain data: another thread can do it, too.
import {
  type Finding,
  type FixedText,
  type FixLevel,
  type Linter,
  type LintSettings,
  openKnownBases,
  openLintHistory,
} from '../../index.ts';

export interface LintTask {
  name: string;
  text: string;
  /** Absolute; undefined for standard input. */
  path: string | undefined;
  /** Without base images and history, which are no data. */
  settings: LintSettings;
  /** To be mended, as far as that goes; nothing is written. */
  level: FixLevel | undefined;
}

export interface LintOutcome {
  findings: Finding[];
  fixed: FixedText | undefined;
}

/** State folders to look into; undefined: not at all. */
export interface LintState {
  bases: string | undefined;
  history: string | undefined;
}

export async function openTaskRunner(
  linter: Linter,
  state: LintState,
): Promise<(task: LintTask) => LintOutcome> {
  const bases = state.bases === undefined ? undefined : await openKnownBases(state.bases);
  const history = state.history === undefined ? undefined : await openLintHistory(state.history);
  return ({ name, text, path, settings: given, level }) => {
    const settings: LintSettings = {
      ...given,
      bases,
      history: path === undefined ? undefined : history?.of(path),
    };
    if (level === undefined) return { findings: linter.lint(text, name, settings), fixed: undefined };
    const fixed = linter.fix(text, name, { level, settings });
    return { findings: fixed.findings, fixed };
  };
}

/** Does tasks of a list that nobody has taken, a few at a time; goes on for as long as it is asked to. @param taken how many were taken, by all threads */
export function* takeTasks(
  taken: Int32Array,
  count: number,
  run: (index: number) => void,
): Generator<void, void, void> {
  const few = 4;
  for (;;) {
    const first = Atomics.add(taken, 0, few);
    if (first >= count) return;
    for (let index = first; index < Math.min(first + few, count); index++) run(index);
    yield;
  }
}
