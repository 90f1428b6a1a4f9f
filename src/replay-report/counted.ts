// Which builds of a replay count: the first one fills the caches.
import type { ReplayBuild, ReplayVariant } from '../replay/replay-result.ts';

/** The rebuilds: all but the first build. */
export const counted = ({ builds }: Pick<ReplayVariant, 'builds'>): ReplayBuild[] => builds.slice(1);

/** `1a2b3c4`, or `edit 3`. */
export function shortName({ change }: Pick<ReplayBuild, 'change'>): string {
  if (change.type === 'commit') return change.id.slice(0, 7);
  return change.line === 0 ? 'first' : `edit ${change.line}`;
}

/** What changed, in a line. */
export const titleOf = ({ change }: Pick<ReplayBuild, 'change'>): string =>
  change.type === 'commit' ? change.subject : change.text;
