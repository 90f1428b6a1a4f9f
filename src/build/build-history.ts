// What is known of a build while it goes, and written into the state folder when it has ended: for explain, reports and the linter.
import type { BuildRecord, CacheAnswer, ComparedCache } from '../build-record.ts';
import type { CallOptions } from '../engine.ts';
import type { Vertex } from '../graph/vertex.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import type { OnEvent } from '../solver/events.ts';
import type { StepReport } from '../solver/solve.ts';
import { type BuildIndex, createBuildIndex } from '../store/build-index.ts';
import { traced } from '../trace.ts';
import { describeBuild, type EndedBuild, subjectOf } from './describe-build.ts';
import { stepRecords } from './describe-steps.ts';
import type { PlannedRequest } from './one-request.ts';
import type { State } from './state.ts';
import { createTransfers, tellSteps } from './transfers.ts';

export interface BuildHistory {
  /** The same events; what passes the network is noted. */
  watch(onEvent: OnEvent): OnEvent;
  /** A step has ended. */
  step(report: StepReport): void;
  /** A result was too old. @param ran when it was made */
  expired(vertex: Vertex, ran: string): void;
  /** What a shared cache said. */
  cache(answer: CacheAnswer): void;
  /** A blob went to a shared cache. */
  sent(cache: string, blob: { digest: Digest; size: number }): void;
  /** What shared caches know of the steps, where some ran and no earlier build is known here. */
  compared(planned: PlannedRequest, name: string | undefined): Promise<ComparedCache | undefined>;
  /**
   * Writes the record of a build that has ended, unless all hit as in the one before: then there is nothing to tell.
   * Failing to write it fails no build.
   */
  finish(
    build: EndedBuild,
    state: Pick<State, 'root' | 'layers'>,
    onRecord: CallOptions['onRecord'],
  ): Promise<void>;
}

/** @param mask takes secrets out of what is kept and told. */
export function createBuildHistory(mask: <T>(data: T) => T = (data) => data): BuildHistory {
  const reports = new Map<Digest, StepReport>();
  const expired = new Map<Digest, string>();
  const caches: CacheAnswer[] = [];
  const transfers = createTransfers();
  return {
    watch: (onEvent) => (event) => {
      if (event.type === 'progress') transfers.note(event);
      onEvent(event);
    },
    step(report) {
      reports.set(report.vertex.id, withoutTrees(report));
    },
    expired(vertex, ran) {
      expired.set(vertex.id, ran);
    },
    cache(answer) {
      caches.push(answer);
    },
    sent: transfers.sent,
    async compared(planned, name) {
      const { shared, state, call, request, definition } = planned;
      const hasRun = [...reports.values()].some(({ how }) => how === 'ran');
      if (!shared || !hasRun || !caches.some(({ answer }) => answer === 'read')) return undefined;
      const { dockerfile } = subjectOf({ request, definition, name });
      if (createBuildIndex(state.root).list(dockerfile.path).length > 0) return undefined;
      const { importedSteps } = await import('./imported-steps.ts');
      const steps = stepRecords(
        planned.planned.map(({ plan }) => plan.target.vertex),
        { reports, expired },
      );
      // Only what is told of a build depends on it.
      return importedSteps(shared.imports, steps, call.signal).catch(() => undefined);
    },
    finish: (build, { root, layers }, onRecord) =>
      traced('end', 'keep the record of the build', async () => {
        const index = createBuildIndex(root);
        const mark = allHitMark(build, reports);
        const isKnown = mark !== '' && index.isLast(subjectOf(build), mark);
        if (isKnown && !onRecord) return;
        const record = mask(describeBuild(build, { reports, expired, caches, transfers: transfers.all() }));
        await tellSteps(record.steps, transfers, async (diffID) =>
          (await layers.forms(diffID)).blobs.map(({ digest }) => digest),
        );
        if (!isKnown) keepRecord(index, record, mark);
        onRecord?.(record);
      }),
  };
}

/** Equal for builds in which all hit, and that differ in their times alone; '' where something ran. */
function allHitMark({ definition, outcome }: EndedBuild, reports: ReadonlyMap<Digest, StepReport>): string {
  const lines = [`${outcome} ${digestOf(definition.dockerfile.text)}`];
  for (const [id, { how, keys, record }] of reports) {
    if (how !== 'cached' && how !== 'loaded') return '';
    lines.push(`${id} ${keys.at(-1)?.digest ?? ''} ${record?.source ?? ''}`);
  }
  // Steps end in any order.
  return digestOf(lines.sort().join('\n'));
}

function keepRecord(index: BuildIndex, record: BuildRecord, mark: string): void {
  try {
    index.add(record, mark);
  } catch {
    // A disk that is full is told of by what can't do without it.
  }
}

/** Trees of many files are large, and lie beside the step's record: held only of what has none. */
function withoutTrees(report: StepReport): StepReport {
  if (report.how === 'failed' || report.how === 'canceled') return report;
  return { ...report, keys: report.keys.map(({ digest }) => ({ digest, tree: {} })) };
}

/** Does what is left of a request, and records how it went. */
export async function recordRequest<T>(
  planned: PlannedRequest,
  { history, started, name, onRecord }: Recording,
  finish: () => Promise<T>,
): Promise<T> {
  const { state, call } = planned;
  let compared: ComparedCache | undefined;
  let ended: number | undefined;
  const keep = (outcome: BuildRecord['outcome']): Promise<void> =>
    history.finish(
      { ...planned, name, started, ended: ended ?? Date.now(), outcome, compared },
      state,
      onRecord,
    );
  let result: T;
  try {
    result = await finish();
    ended = Date.now();
    compared = await history.compared(planned, name);
  } catch (error) {
    // Otherwise it is no build yet.
    if (call.signal.aborted || state.gate.isOpen()) await keep(call.signal.aborted ? 'canceled' : 'failed');
    throw error;
  }
  await keep('done');
  return result;
}

interface Recording extends Pick<CallOptions, 'onRecord'> {
  history: BuildHistory;
  /** Milliseconds since 1970. */
  started: number;
  /** Of a bake: the target. */
  name?: string;
}
