// Names and counts the steps of one stage as BuildKit does: `[build 2/4] `.
import { formatPlatform, type Platform } from '../oci/platform.ts';
import type { Stage } from './stage.ts';

export interface StepLabelOptions {
  /** The only stage has no name of its own in the labels. */
  single: boolean;
  /** Named where several are built. */
  platform: Platform | undefined;
  /** How many steps the stage has. */
  total: number;
}

/** Each call gives the label of the next step. */
export function createStepLabels(stage: Stage, options: StepLabelOptions): () => string {
  const { single, platform, total } = options;
  const name = stage.name ?? (single ? '' : `stage-${stage.index}`);
  const prefix = [platform ? formatPlatform(platform) : '', name].filter(Boolean).join(' ');
  let index = 0;
  return () => {
    index++;
    const number = `${String(index).padStart(String(total).length)}/${total}`;
    return `[${prefix === '' ? number : `${prefix} ${number}`}] `;
  };
}
