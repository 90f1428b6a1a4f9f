// FROM without its --platform.
import type { Fix } from '../fix.ts';
import type { LintStep } from '../lint-file.ts';
import { fixOf, removeFlag } from './parts.ts';

export function fixPlatform(step: LintStep, safety: Fix['safety']): Fix | undefined {
  const edit = removeFlag(step, 'platform');
  return edit && fixOf(safety, 'Leave --platform away', edit);
}
