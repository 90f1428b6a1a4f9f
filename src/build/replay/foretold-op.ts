// A step as keys alone: it runs nothing, and what it would make is known from earlier builds, or taken for new because its key is.
import { SlipwayError } from '../../errors.ts';
import { type DiffID, type Digest, digestOf } from '../../oci/digest.ts';
import type { Result } from '../../ops/result.ts';
import type { KnownSteps } from '../../replay/known-steps.ts';
import type { CacheKey, Op } from '../../solver/solve.ts';

/**
 * Keys are those of the op itself, up to the first that needs the files of layers: for those there are none. The keys that an
 * earlier build is known to have come to from there stand in.
 */
export function foretoldOp(op: Op<Result>, known: KnownSteps): Op<Result> {
  let asked: Digest[] = [];
  return {
    below: op.below,
    load: op.load,
    async *keys(inputs, signal) {
      asked = [];
      const note = (key: CacheKey): CacheKey => {
        asked.push(key.digest);
        return key;
      };
      const isReadable = inputs.slice(1).every((input) => input?.kind !== 'layers');
      for await (const key of op.keys(inputs, signal)) {
        yield note(key);
        if (isReadable) continue;
        for (const digest of known.later(key.digest)) yield note({ digest, tree: key.tree });
        return;
      }
    },
    async run() {
      const failed = asked.find((key) => known.failed(key));
      if (failed !== undefined)
        throw new SlipwayError('ERR_RUN_FAILED', 'the step is known to fail', {
          hint: 'an earlier build of the same failed',
        });
      const seen = asked.flatMap((key) => known.outcome(key) ?? [])[0];
      const content = seen?.content ?? digestOf(`foretold ${asked.at(-1) ?? ''}`);
      return { content, diffID: content as string as DiffID, size: seen?.size ?? 0 };
    },
  };
}
