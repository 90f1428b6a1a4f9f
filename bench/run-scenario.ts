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

async function prepare(scenario: Scenario, bench: Bench): Promise<Running[]> {
  const empty = { isPeer: false, version: '', notes: [], samples: [] };
  try {
    return (await scenario.subjects(bench)).map((subject) => {
      const { name, isPeer, version, notes, at } = subject;
      return { subject, result: { name, isPeer, version, notes, ...(at ? { at } : {}), samples: [] } };
    });
  } catch (error) {
    // What all share can't be made; the other scenarios have theirs.
    const name = 'what all share';
    const running = {
      subject: { ...empty, name, open: () => Promise.reject(error) },
      result: { ...empty, name },
    };
    return [running];
  }
}

/** @throws the signal's reason, between two samples and after all daemons were stopped */
export async function runScenario(scenario: Scenario, bench: Bench, report: Report): Promise<ScenarioResult> {
  const { samples, signal } = bench.options;
  const load = (): number => loadavg()[0] ?? 0;
  const before = load();
  const rounds = Math.min(samples, scenario.mostSamples ?? Number.POSITIVE_INFINITY);
  const all = await prepare(scenario, bench);
  try {
    for (const running of all) {
      report(`${scenario.name}: preparing ${running.subject.name}`);
      await open(running);
      signal.throwIfAborted();
    }
    for (let round = 0; round < rounds; round++) {
      // Turned by one each time: nobody is always the one after the slowest.
      const first = round % all.length;
      for (const running of [...all.slice(first), ...all.slice(0, first)]) {
        report(`${scenario.name}: ${round + 1} of ${rounds}, ${running.subject.name}`);
        await takeSample(running, round);
        signal.throwIfAborted();
      }
    }
  } finally {
    for (const running of all) await running.trial?.close?.().catch((error) => giveUp(running, error));
  }
  const { name, title, what, axis } = scenario;
  const subjects = all.map(({ result }) => result);
  return { name, title, what, ...(axis ? { axis } : {}), load: [before, load()], subjects };
}
