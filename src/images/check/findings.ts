// What a check of the store finds: told once, mended where that is asked for, and no more of it kept than somebody can read.
import { relative } from 'node:path';
import type { StoreFinding, StorePart, StoreReport } from '../../image-request.ts';

export interface Finding extends Pick<StoreFinding, 'part' | 'kind' | 'what' | 'remedy'> {
  /** Absolute. */
  path: string;
  /** Does what `remedy` says; undefined where that is not for us to do. */
  mend?: (() => unknown) | undefined;
}

export interface Findings {
  /** Counts what was looked at. */
  count(part: StorePart, more?: { count?: number; absent?: number; bytes?: number }): void;
  found(finding: Finding): Promise<void>;
  report(quick: boolean): StoreReport;
}

/** More than this are counted alone. */
const most = 1_000;

export function createFindings(root: string, repair: boolean): Findings {
  const checked = new Map<StorePart, { count: number; absent: number; bytes: number }>();
  const findings: StoreFinding[] = [];
  let more = 0;
  let sound = true;

  const inRoot = (path: string): string => {
    const inside = relative(root, path);
    return inside === '' || inside.startsWith('..') ? path : inside;
  };

  return {
    count(part, { count = 1, absent = 0, bytes = 0 } = {}) {
      const sum = checked.get(part) ?? { count: 0, absent: 0, bytes: 0 };
      sum.count += count;
      sum.absent += absent;
      sum.bytes += bytes;
      checked.set(part, sum);
    },
    async found({ mend, path, ...said }) {
      const repaired = repair && mend !== undefined;
      if (repaired) await mend();
      if (said.kind === 'damage' && !repaired) sound = false;
      if (findings.length >= most) more++;
      else findings.push({ ...said, path: inRoot(path), repaired });
    },
    report: (quick) => ({
      ...{ root, sound, quick, findings, more },
      checked: [...checked].map(([part, { count, absent, bytes }]) => ({
        ...{ part, count },
        ...(absent > 0 ? { absent } : {}),
        ...(bytes > 0 ? { bytes } : {}),
      })),
    }),
  };
}
