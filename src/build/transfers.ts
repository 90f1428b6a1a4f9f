// Bytes that pass the network while a build goes: by image or cache, and of blobs by their digests.
import type { StepRecord, Transfer } from '../build-record.ts';
import type { DiffID, Digest } from '../oci/digest.ts';
import type { BuildEvent } from '../solver/events.ts';

export interface Transfers {
  note(event: Extract<BuildEvent, { type: 'progress' }>): void;
  /** A blob was sent to a shared cache. */
  sent(cache: string, blob: { digest: Digest; size: number }): void;
  all(): Transfer[];
  /** What of each blob was pulled, or pushed, wherever that was from or to. */
  blobs(kind: Transfer['kind']): ReadonlyMap<Digest, number>;
}

/** Sums up what pulls and pushes tell of their bytes. */
export function createTransfers(): Transfers {
  /** By the pull or push, then by the blob or what else passed. */
  const sizes = new Map<string, Map<string, number>>();

  function itemsOf(id: string): Map<string, number> {
    const items = sizes.get(id) ?? new Map<string, number>();
    sizes.set(id, items);
    return items;
  }

  return {
    sent(cache, { digest, size }) {
      itemsOf(`push ${cache}`).set(digest, size);
    },
    note({ id, item, current }) {
      if (/^(?:pull|push) /.test(id)) itemsOf(id).set(item, current);
    },
    all() {
      const all = new Map<string, Transfer>();
      for (const [id, items] of sizes) {
        // A pull that begins anew has another number.
        const name = id.startsWith('pull ') ? id.replace(/ \d+$/, '') : id;
        const bytes = [...items.values()].reduce((sum, size) => sum + size, 0);
        const known = all.get(name);
        all.set(name, { name, kind: kindOf(name), bytes: bytes + (known?.bytes ?? 0) });
      }
      return [...all.values()].filter(({ bytes }) => bytes > 0);
    },
    blobs(kind) {
      const blobs = new Map<Digest, number>();
      for (const [id, items] of sizes) {
        if (kindOf(id) !== kind) continue;
        for (const [item, bytes] of items) {
          const digest = /sha256:[0-9a-f]{64}$/.exec(item)?.[0] as Digest | undefined;
          if (digest !== undefined) blobs.set(digest, (blobs.get(digest) ?? 0) + bytes);
        }
      }
      return blobs;
    },
  };
}

const kindOf = (id: string): Transfer['kind'] => (id.startsWith('pull ') ? 'pulled' : 'pushed');

/**
 * Tells the steps what of their layers passed the network. Of steps that have one layer the first has it.
 * @param formsOf digests of the blobs that hold a layer
 */
export async function tellSteps(
  steps: readonly StepRecord[],
  transfers: Pick<Transfers, 'blobs'>,
  formsOf: (diffID: DiffID) => Promise<readonly Digest[]>,
): Promise<void> {
  const [pulled, pushed] = [transfers.blobs('pulled'), transfers.blobs('pushed')];
  if (pulled.size + pushed.size === 0) return;
  const told = new Set<string>();
  for (const step of steps) {
    const diffID = step.layer?.diffID as DiffID | undefined;
    if (diffID === undefined || told.has(diffID)) continue;
    told.add(diffID);
    // The uncompressed tar is a blob, too.
    const forms = new Set<string>([diffID, ...(await formsOf(diffID))]);
    const sum = (of: ReadonlyMap<string, number>): number =>
      [...forms].reduce((bytes, digest) => bytes + (of.get(digest) ?? 0), 0);
    const [down, up] = [sum(pulled), sum(pushed)];
    if (down > 0) step.pulled = down;
    if (up > 0) step.pushed = up;
  }
}
