// The sections of docs/compatibility.md, in their order.
import type { Section } from './row.ts';
import { add } from './rows/add.ts';
import { attestations } from './rows/attestations.ts';
import { bake } from './rows/bake.ts';
import { baseImages } from './rows/base-images.ts';
import { checks } from './rows/checks.ts';
import { contexts } from './rows/contexts.ts';
import { copy } from './rows/copy.ts';
import { fileFormat } from './rows/file-format.ts';
import { flags } from './rows/flags.ts';
import { metadata } from './rows/metadata.ts';
import { mounts } from './rows/mounts.ts';
import { otherFlags } from './rows/other-flags.ts';
import { outputs } from './rows/outputs.ts';
import { platforms, progress } from './rows/platforms.ts';
import { run } from './rows/run.ts';
import { variables } from './rows/variables.ts';

export const sections: readonly Section[] = [
  ...[fileFormat, variables, baseImages, run, copy, add, metadata, mounts, contexts],
  ...[flags, otherFlags, outputs, attestations, platforms, progress, checks, bake],
];
