// Which units a prune takes, the least recently used first: pure, so that it can be thought about alone.
import type { PruneRequest } from '../image-request.ts';
import { hasLabels } from './image-facts.ts';
import type { Unit } from './units.ts';

export interface PruneSituation {
  /** Milliseconds since 1970: what was used later may be needed by a build that runs. */
  usedSince: number;
  /** Bytes that the disk has free. */
  free: number;
}

type Policed = Pick<Unit, 'type' | 'shared' | 'size' | 'lastUsed' | 'busy' | 'labels'>;

/** Images that have a name are no cache, and what is none of a prune's. */
export function isCache({ type, shared }: Pick<Unit, 'type' | 'shared'>): boolean {
  return type !== 'other' && !(type === 'image' && shared);
}

export function isInUse({ busy, lastUsed }: Pick<Unit, 'busy' | 'lastUsed'>, usedSince: number): boolean {
  return busy === true || lastUsed >= usedSince;
}

/** In the order in which they are to go. */
export function chooseUnits<T extends Policed>(
  units: readonly T[],
  request: PruneRequest,
  situation: PruneSituation,
): T[] {
  const candidates = units
    .filter((unit) => isCandidate(unit, request, situation))
    .sort((a, b) => a.lastUsed - b.lastUsed || b.size - a.size);
  let total = units.filter(isCache).reduce((sum, { size }) => sum + size, 0);
  const keep = bytesToKeep(total, request, situation.free);
  if (keep === undefined) return candidates;
  const chosen: T[] = [];
  for (const unit of candidates) {
    if (total <= keep) break;
    total -= unit.size;
    chosen.push(unit);
  }
  return chosen;
}

function isCandidate(unit: Policed, request: PruneRequest, { usedSince }: PruneSituation): boolean {
  if (!isCache(unit) || isInUse(unit, usedSince)) return false;
  if (unit.shared && !request.all) return false;
  if (request.until !== undefined && unit.lastUsed >= request.until) return false;
  if (request.types && !request.types.includes(unit.type)) return false;
  if (!request.labels || request.labels.length === 0) return true;
  return unit.labels !== undefined && hasLabels(unit.labels, request.labels);
}

/** How much cache may stay, as BuildKit reckons it; undefined: no bytes were named, everything goes. */
export function bytesToKeep(total: number, request: PruneRequest, free: number): number | undefined {
  const { maxUsedSpace, reservedSpace, minFreeSpace } = request;
  if (maxUsedSpace === undefined && reservedSpace === undefined && minFreeSpace === undefined)
    return undefined;
  let keep = maxUsedSpace ?? (minFreeSpace === undefined ? 0 : Number.POSITIVE_INFINITY);
  const lacking = (minFreeSpace ?? 0) - free;
  if (lacking > 0) keep = Math.min(keep, total - lacking);
  return Math.max(keep, reservedSpace ?? 0);
}
