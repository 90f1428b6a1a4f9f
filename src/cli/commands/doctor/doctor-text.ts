// A diagnosis as lines for people: the ladder with what each rung lacks, then what else there is to say.
import { ladder, type MachineReport, protections, type RungAnswer } from '../../../index.ts';
import { harmless } from '../../progress/harmless.ts';
import type { Check, Diagnosis } from './diagnose.ts';

const width = 17;
const marks = { good: 'ok', note: '--', bad: '!!' } as const;

interface Telling {
  report: MachineReport;
  verbose: boolean;
  /** Remedies that stand above. */
  told: Set<string>;
}

function rungLines(answer: RungAnswer, { report, verbose, told }: Telling): string[] {
  const { rung, works, name, command, lacks, missing, reason } = answer;
  const isUsed = report.used?.rung === rung && report.used.name === name;
  const by = command === undefined || command === 'launcher' ? name : command;
  const short = lacks.length > 0 ? `, without: ${lacks.join(', ')}` : '';
  const state = works
    ? `works (${by}${short})${isUsed ? ', is used' : ''}`
    : (missing[0]?.what ?? (report.state.problem === undefined ? 'does not work' : 'not tried'));
  const lines = [`  ${rung.padEnd(width)}${state}`];
  const indent = ' '.repeat(width + 2);
  for (const [index, { what, remedies }] of missing.entries()) {
    if (index > 0 || works) lines.push(`${indent}${what}`);
    for (const remedy of remedies) if (!told.has(remedy)) lines.push(`${indent}-> ${remedy}`);
    for (const remedy of remedies) told.add(remedy);
  }
  if (reason !== undefined && (verbose || missing.length === 0))
    lines.push(`${indent}a trial said: ${harmless(reason)}`);
  return lines;
}

function checkLines({ about, status, text, remedies }: Check): string[] {
  const head = `  ${marks[status]}  ${about.padEnd(width - 4)}${harmless(text)}`;
  return [head, ...remedies.map((remedy) => `${' '.repeat(width + 2)}-> ${harmless(remedy)}`)];
}

function protectionLines({ used }: MachineReport): string[] {
  if (used === undefined) return [];
  const lines = Object.entries(ladder[used.rung].protections).map(([name, hold]) => {
    const lacks = (used.lacks ?? []).some((each) => each === name);
    const state = lacks ? 'no' : hold.holds;
    const more = hold.holds === 'partly' ? `: ${hold.but}` : 'with' in hold ? `, with ${hold.with}` : '';
    return `  ${state.padEnd(width)}${protections[name as keyof typeof protections]}${lacks ? '' : more}`;
  });
  return ['', `What ${used.rung} protects`, ...lines];
}

export function doctorText(
  report: MachineReport,
  diagnosis: Diagnosis,
  { verbose }: { verbose: boolean },
): string {
  const telling: Telling = { report, verbose, told: new Set() };
  return `${[
    'Isolation, strongest first',
    ...report.rungs.flatMap((answer) => rungLines(answer, telling)),
    '',
    'This machine',
    ...diagnosis.checks.flatMap(checkLines),
    ...(verbose ? protectionLines(report) : []),
  ].join('\n')}\n`;
}
