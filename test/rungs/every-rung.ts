// The quickstart on every rung, one after the other, and what came of it as a table.
import { type LadderCase, type LadderRun, ladderCases, runOnLadder } from '../support/ladder-bench.ts';

export interface RungRun {
  surroundings: string;
  /** `sandbox`, or what there is instead. */
  rung: string;
  runtime: string;
  seconds: string;
  layers: string;
  /** What is not as it should be. */
  problem?: string;
}

/** @param expected layers of the sandbox */
export function tellRun(one: LadderCase, run: LadderRun | undefined, expected: readonly string[]): RungRun {
  const { surroundings, level } = one;
  const row = { surroundings, rung: level ?? 'none', runtime: '', seconds: '', layers: '' };
  if (run === undefined) return { ...row, layers: 'this machine can not make these surroundings' };
  const found = run.doctor === undefined ? level : run.doctor.level;
  if (found !== level) return { ...row, problem: `doctor finds ${found ?? 'none'}` };
  if (level === undefined) {
    if (run.built.code !== 3)
      return { ...row, problem: `the build ended with ${run.built.code}, not with 3` };
    return { ...row, layers: 'refused, with what would let steps run' };
  }
  if (run.built.code !== 0)
    return { ...row, problem: `the build failed: ${run.built.stderr.trim().slice(-300)}` };
  const equal = run.layers.filter((layer, index) => layer === expected[index]).length;
  const told = { ...row, runtime: run.runtime ?? '', seconds: run.seconds.toFixed(1) };
  const layers = `${equal} of ${expected.length} equal`;
  const isEqual = equal === expected.length && run.layers.length === expected.length;
  return { ...told, layers, ...(isEqual ? {} : { problem: 'layers differ from those of the sandbox' }) };
}

/** @param report is told what is being done. */
export async function runEveryRung(report: (line: string) => void): Promise<RungRun[]> {
  const rows: RungRun[] = [];
  let expected: string[] | undefined;
  for (const one of ladderCases) {
    report(one.surroundings);
    const run = await runOnLadder(one);
    expected ??= run?.layers ?? [];
    rows.push(tellRun(one, run, expected));
  }
  return rows;
}

const columns = ['surroundings', 'rung', 'runtime', 'seconds', 'layers'] as const;

export function rungsTable(runs: readonly RungRun[]): string {
  const rows = [Object.fromEntries(columns.map((name) => [name, name])) as unknown as RungRun, ...runs];
  const widths = columns.map((name) => Math.max(...rows.map((row) => row[name].length)));
  return rows
    .map((row) => {
      const cells = columns.map((name, at) =>
        name === 'seconds' ? row[name].padStart(widths[at]!) : row[name].padEnd(widths[at]!),
      );
      return [...cells, row.problem ? `!! ${row.problem}` : ''].join('  ').trimEnd();
    })
    .join('\n');
}
