// What a thread found, for another one: flat, since thousands of small objects take long to copy from thread to thread.
import type { Finding, Severity } from '../../index.ts';
import type { LintOutcome } from './lint-task.ts';

/** A share of the outcomes, by their tasks' places in the list. */
export interface LintShare {
  /** Of each file its task's place and the number of its findings; of each finding eight numbers. */
  numbers: Int32Array;
  /** Codes and messages, which numbers point into. */
  texts: string[];
  /** What has fixes, or was mended. */
  whole: [index: number, outcome: LintOutcome][];
}

const severities: readonly Severity[] = ['error', 'warning', 'info', 'style'];

export function packShare(outcomes: readonly (readonly [index: number, outcome: LintOutcome])[]): LintShare {
  const numbers: number[] = [];
  const texts: string[] = [];
  const whole: LintShare['whole'] = [];
  const places = new Map<string, number>();
  const placeOf = (text: string): number => {
    let place = places.get(text);
    if (place === undefined) {
      place = texts.push(text) - 1;
      places.set(text, place);
    }
    return place;
  };
  for (const [index, outcome] of outcomes) {
    const { findings, fixed } = outcome;
    if (fixed !== undefined || findings.some(({ fix }) => fix !== undefined)) {
      whole.push([index, outcome]);
      continue;
    }
    numbers.push(index, findings.length);
    for (const { rule, message, severity, line, range } of findings) {
      const { start, end } = range;
      numbers.push(placeOf(rule), placeOf(message), severities.indexOf(severity), line);
      numbers.push(start.line, start.column, end.line, end.column);
    }
  }
  return { numbers: Int32Array.from(numbers), texts, whole };
}

/** @param take gets each outcome with its task's place */
export function unpackShare(
  { numbers, texts, whole }: LintShare,
  take: (index: number, outcome: LintOutcome) => void,
): void {
  for (let at = 0; at < numbers.length; ) {
    const index = numbers[at]!;
    const end = at + 2 + numbers[at + 1]! * 8;
    const findings: Finding[] = [];
    for (at += 2; at < end; at += 8) findings.push(readFinding(numbers, at, texts));
    take(index, { findings, fixed: undefined });
  }
  for (const [index, outcome] of whole) take(index, outcome);
}

function readFinding(numbers: Int32Array, at: number, texts: readonly string[]): Finding {
  return {
    rule: texts[numbers[at]!]!,
    message: texts[numbers[at + 1]!]!,
    range: {
      start: { line: numbers[at + 4]!, column: numbers[at + 5]! },
      end: { line: numbers[at + 6]!, column: numbers[at + 7]! },
    },
    severity: severities[numbers[at + 2]!]!,
    line: numbers[at + 3]!,
  };
}
