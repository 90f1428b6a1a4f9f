// Takes the samples of a scenario: one of each subject in turn, so that other load falls on all alike.
import { loadavg } from 'node:os';
import type { Bench } from './bench.ts';
import { Skipped } from './builder.ts';
import type { ScenarioResult, SubjectResult } from './result.ts';
import type { Scenario, Subject, Trial } from './scenario.ts';

export type Report = (text: string) => void;

interface Running {
  subject: Subject;
  result: SubjectResult;
  trial?: Trial;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Notes what happened instead of a sample; the subject takes no further part. */
function giveUp({ result }: Running, error: unknown): void {
  if (error instanceof Skipped) result.skipped = error.message;
  else result.failed = messageOf(error);
}

async function open(running: Running): Promise<void> {
  try {
    running.trial = await running.subject.open();
  } catch (error) {
    giveUp(running, error);
  }
}

async function takeSample(running: Running, round: number): Promise<void> {
  const { result, trial } = running;
  if (!trial || result.skipped !== undefined || result.failed !== undefined) return;
  try {
    result.samples.push(await trial.sample(round));
  } catch (error) {
    giveUp(running, error);
  }
}

export async function runScenario(scenario: Scenario, bench: Bench, report: Report): Promise<ScenarioResult> {
  const load = (): number => loadavg()[0] ?? 0;
  const before = load();
  const rounds = Math.min(bench.options.samples, scenario.mostSamples ?? Number.POSITIVE_INFINITY);
  const all: Running[] = (await scenario.subjects(bench)).map((subject) => {
    const { name, isPeer, version, notes, at } = subject;
    return { subject, result: { name, isPeer, version, notes, ...(at ? { at } : {}), samples: [] } };
  });
  for (const running of all) {
    report(`${scenario.name}: preparing ${running.subject.name}`);
    await open(running);
  }
  for (let round = 0; round < rounds; round++) {
    // Turned by one each time: nobody is always the one after the slowest.
    const first = round % all.length;
    for (const running of [...all.slice(first), ...all.slice(0, first)]) {
      report(`${scenario.name}: ${round + 1} of ${rounds}, ${running.subject.name}`);
      await takeSample(running, round);
    }
  }
  for (const { trial } of all) await trial?.close?.();
  const { name, title, what, axis } = scenario;
  const subjects = all.map(({ result }) => result);
  return { name, title, what, ...(axis ? { axis } : {}), load: [before, load()], subjects };
}
