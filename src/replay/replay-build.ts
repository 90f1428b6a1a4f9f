// One build of a replay, from what its builder reported and what it was measured to cost.
import type { CacheReport, ReportedStep } from '../explain/cache-report.ts';
import type { ReplayBuild, ReplayChange } from './replay-result.ts';

/** What a build came to, and what it took. */
export type Rebuilt = Omit<ReplayBuild, 'change'>;

export interface Cost extends Pick<ReplayBuild, 'seconds' | 'cpu' | 'peakMemory'> {
  outcome: ReplayBuild['outcome'];
  error: string;
}

/** @param report undefined where the build failed before it had one */
export function rebuilt(cost: Cost, report: Pick<CacheReport, 'summary' | 'steps'> | undefined): Rebuilt {
  const { outcome, error, seconds, cpu, peakMemory } = cost;
  const { hits = 0, misses = 0, bytes } = report?.summary ?? {};
  const { written, pulled, pushed } = bytes ?? { written: 0, pulled: 0, pushed: 0 };
  const stepSeconds = report?.summary.seconds ?? { ran: 0, saved: 0 };
  const steps = report?.steps ?? [];
  return {
    ...{ outcome, error, seconds, cpu, peakMemory },
    bytes: { written, pulled, pushed },
    ...{ hits, misses, stepSeconds: { ...stepSeconds }, steps },
  };
}

/** What another builder's log says of its steps. */
export interface LoggedStep {
  name: string;
  stage?: string;
  outcome: 'hit' | 'ran' | 'failed';
  seconds?: number;
}

export function loggedReport(logged: readonly LoggedStep[]): Pick<CacheReport, 'summary' | 'steps'> {
  const steps = logged.map(
    ({ name, stage, outcome, seconds }, step): ReportedStep => ({
      ...{ step, name, type: '', ...(stage === undefined ? {} : { stage }) },
      ...{ lines: [0, 0], inputs: [], outcome, key: null, keys: [], sources: [] },
      seconds: seconds === undefined || outcome === 'hit' ? null : { ran: seconds },
      ...{ content: null, bytes: null, bytesRead: null, bytesPulled: null, bytesPushed: null },
      ...{ causes: [], reasons: [], root: null },
    }),
  );
  const hits = logged.filter(({ outcome }) => outcome === 'hit').length;
  const ran = logged.reduce((sum, { seconds = 0 }) => sum + seconds, 0);
  return {
    summary: {
      ...{ hits, misses: logged.length - hits },
      ...{ seconds: { ran, saved: 0 }, bytes: { read: 0, written: 0, pulled: 0, pushed: 0 } },
    },
    steps,
  };
}

/** The change in a few words: `1a2b3c4 Add a route`, `append src/app.js`. */
export function changeName(change: ReplayChange): string {
  return change.type === 'commit' ? `${change.id.slice(0, 7)} ${change.subject}` : change.text;
}
