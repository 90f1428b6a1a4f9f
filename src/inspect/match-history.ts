// An image's history beside its layers: which instruction made which.
import type { HistoryEntry } from '../oci/config.ts';
import type { InstructionReport } from './layers-report.ts';

/** Layers that the history does not speak of come first, without words. The oldest first. */
export function matchHistory(
  history: readonly HistoryEntry[] | undefined,
  layers: number,
): InstructionReport[] {
  const told = history ?? [];
  const silent = Math.max(0, layers - told.filter((entry) => !entry.empty_layer).length);
  const matched: InstructionReport[] = Array.from({ length: silent }, (_, layer) => ({
    ...{ text: '', layer, created: undefined, place: undefined },
  }));
  let next = silent;
  for (const { created, created_by: by = '', comment = '', empty_layer: isEmpty } of told) {
    const layer = isEmpty === true || next >= layers ? undefined : next++;
    matched.push({ text: instructionText(by) || oneLine(comment), layer, created, place: undefined });
  }
  return matched;
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** `RUN |1 A=b /bin/sh -c make # buildkit` and docker's `/bin/sh -c #(nop)  CMD ["x"]` as a Dockerfile has them, on one line. */
export function instructionText(createdBy: string): string {
  const text = oneLine(createdBy).replace(/ # buildkit$/, '');
  const nop = /^\S+ (?:\S+ )*?#\(nop\) +(.*)$/.exec(text);
  if (nop) return nop[1]!;
  const run = /^(?:RUN )?(?:\|\d+ .*? )?\/bin\/(?:ba|da|a)?sh (?:-o \w+ |-\w+ )*?-\w*c (.*)$/.exec(text);
  return run ? `RUN ${run[1]}` : text;
}
