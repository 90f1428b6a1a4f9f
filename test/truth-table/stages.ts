// The Dockerfile of a truth table: a stage for each row, and one that needs all of them.
import type { CacheReport, ReportedStep } from '../../src/index.ts';

export interface Stage {
  id: string;
  lines: readonly string[];
  /** Of FROM; left out: `base`. */
  base?: string;
}

export function dockerfileOf(stages: readonly Stage[]): string {
  // Equal steps would be one: each has a word of its own.
  const own = (line: string, id: string): string => line.replace(/ true$/, ` true ${id}`);
  const bodies = stages.map(({ id, lines, base = 'base' }) =>
    [`FROM ${base} AS ${id}`, ...lines.map((line) => own(line, id))].join('\n'),
  );
  const all = stages.map(({ id }) => `COPY --link --from=${id} /etc/group /${id}`);
  return `${[...bodies, 'FROM scratch', ...all].join('\n')}\n`;
}

/** What was said of the last step of each stage; undefined where it hit. */
export function answersOf({ steps }: CacheReport): Map<string, string[] | undefined> {
  const last = new Map<string, ReportedStep>();
  for (const step of steps) {
    if (step.stage === undefined || !['exec', 'copy', 'mkdir'].includes(step.type)) continue;
    const known = last.get(step.stage);
    if (!known || known.lines[0] < step.lines[0]) last.set(step.stage, step);
  }
  return new Map(
    [...last].map(([stage, { outcome, reasons }]) => [stage, outcome === 'hit' ? undefined : reasons]),
  );
}
