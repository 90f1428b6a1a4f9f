// What builds that were made say of steps: what they came to and how long they took, for builds that are only foretold.
import type { BuildRecord, StepOutcomeKind } from '../build-record.ts';
import type { ReportedStep } from '../explain/cache-report.ts';
import type { Digest } from '../oci/digest.ts';

export interface KnownOutcome {
  content: Digest;
  /** Bytes of its layer. */
  size: number;
}

export interface KnownSteps {
  /** The keys that a step was looked for by after this one, which needed the files of what goes into it. */
  later(key: Digest): readonly Digest[];
  outcome(key: Digest): KnownOutcome | undefined;
  /** It failed whenever it was seen. */
  failed(key: Digest): boolean;
  /** Of the step with this key; else of the last one with the same words in the same stage. */
  seconds(step: { keys: readonly Digest[]; stage?: string; name: string }): number | undefined;
  addReport(step: ReportedStep): void;
  addRecord(record: BuildRecord): void;
}

interface Seen {
  keys: readonly Digest[];
  name: string;
  stage: string | undefined;
  outcome: StepOutcomeKind;
  seconds: number | undefined;
  result: KnownOutcome | undefined;
}

export function createKnownSteps(): KnownSteps {
  const later = new Map<Digest, Set<Digest>>();
  const outcomes = new Map<Digest, KnownOutcome>();
  const failures = new Set<Digest>();
  const byKey = new Map<Digest, number>();
  const byName = new Map<string, number>();

  function add({ keys: own, name, stage, outcome, seconds, result }: Seen): void {
    if (own.length === 0) return;
    const [first, ...rest] = own;
    if (rest.length > 0) later.set(first!, new Set([...(later.get(first!) ?? []), ...rest]));
    if (outcome === 'failed') failures.add(own.at(-1)!);
    if (result) for (const key of own) outcomes.set(key, result);
    if (seconds === undefined || outcome === 'failed' || outcome === 'canceled') return;
    for (const key of own) byKey.set(key, seconds);
    byName.set(nameKey({ name, ...(stage === undefined ? {} : { stage }) }), seconds);
  }

  return {
    later: (key) => [...(later.get(key) ?? [])],
    outcome: (key) => outcomes.get(key),
    failed: (key) => failures.has(key) && !outcomes.has(key),
    seconds(step) {
      for (const key of step.keys) {
        const found = byKey.get(key);
        if (found !== undefined) return found;
      }
      return byName.get(nameKey(step));
    },
    addReport(step) {
      const { keys, name, stage, outcome, seconds, content, bytes } = step;
      const size = bytes === null ? 0 : 'written' in bytes ? bytes.written : bytes.reused;
      add({
        ...{ keys, name, stage, outcome },
        seconds: seconds === null ? undefined : 'ran' in seconds ? seconds.ran : seconds.saved,
        result: content === null ? undefined : { content, size },
      });
    },
    addRecord({ steps }) {
      for (const { keys, text, stage, outcome, seconds, content, layer } of steps)
        add({
          ...{ keys, name: text, stage, outcome, seconds },
          result: content === undefined ? undefined : { content, size: layer?.size ?? 0 },
        });
    },
  };
}

/** Without `[build 2/4]`: other steps may have come before it. */
const nameKey = ({ name, stage = '' }: { name: string; stage?: string }): string =>
  `${stage}\n${name.replace(/^\[[^\]]*\] /, '').replace(/\s*\\?\s*\n\s*/g, ' ')}`;
