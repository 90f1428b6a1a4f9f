// Base images for who only looks at steps: what the local store knows of them, else what a resolver says, or an image without a config.
import { imageKey } from '../graph/sources.ts';
import type { ImageConfig } from '../oci/config.ts';
import { digestOf } from '../oci/digest.ts';
import { createKnownBases } from './known-bases.ts';
import type { BaseResolver } from './plan-build.ts';

export interface AssumedBases extends BaseResolver {
  /** Who asks for what is not stored. */
  resolver: BaseResolver;
  /** References of the images that are taken for empty. */
  unknown: Set<string>;
}

/** @param options.assume what is not stored is taken for empty; else the resolver is asked. */
export function createAssumedBases(options: {
  /** The state folder. */
  root: string;
  resolver: BaseResolver;
  assume: boolean;
}): AssumedBases {
  const { resolver, assume } = options;
  const known = createKnownBases(options.root);
  const unknown = new Set<string>();
  return {
    resolver,
    unknown,
    async resolve(op, signal) {
      const { kind, reference } = op.origin;
      const found = known.get(imageKey(op));
      // A layout is on this machine.
      if (!found && (!assume || kind === 'oci-layout')) return resolver.resolve(op, signal);
      if (!found) unknown.add(reference);
      const { os, architecture } = op.platform;
      const empty: ImageConfig = { os, architecture, rootfs: { type: 'layers', diff_ids: [] } };
      // Nothing of a plan that only tells what is read depends on which image it is.
      return { name: reference, resolved: digestOf(reference), config: found?.config ?? empty };
    },
  };
}
