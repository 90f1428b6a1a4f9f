// Explains builds in a row, each against the one before it, where none of them leaves a state folder behind.
import type { BuildRecord } from '../build-record.ts';
import { type CacheReport, cacheReport } from '../explain/cache-report.ts';
import { explainBuild } from '../explain/explain-build.ts';
import type { Digest } from '../oci/digest.ts';
import type { KeyTree } from '../seams.ts';

/** What is known of keys of the build that is told of. */
export interface KeySource {
  tree(key: Digest): KeyTree | undefined;
  also(key: Digest): readonly Digest[];
}

/** The build before, as plain data: a replay that goes on later begins with it. */
export interface ToldBuild {
  record: BuildRecord;
  trees: [Digest, KeyTree][];
}

export interface BuildTeller {
  tell(record: BuildRecord, source: KeySource): CacheReport;
  last(): ToldBuild | undefined;
}

/** Holds the key trees of one build. */
export function createBuildTeller(before?: ToldBuild): BuildTeller {
  let earlier = before?.record;
  let trees = new Map(before?.trees ?? []);
  return {
    tell(build, source) {
      const tree = (key: Digest): KeyTree | undefined => source.tree(key) ?? trees.get(key);
      const report = cacheReport(explainBuild({ build, earlier, tree, also: source.also }));
      // One that failed is compared with nothing, where there is a better one.
      if (build.outcome === 'done' || earlier?.outcome !== 'done') {
        const known = build.steps.flatMap(({ keys }) =>
          keys.flatMap((key): [Digest, KeyTree][] => {
            const found = tree(key);
            return found ? [[key, found]] : [];
          }),
        );
        earlier = build;
        trees = new Map(known);
      }
      return report;
    },
    last: () => earlier && { record: earlier, trees: [...trees] },
  };
}
