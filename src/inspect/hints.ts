// What would make an image smaller, in words: each with what it would save.
import type { Hint, InstructionReport, LayerReport, LayersReport, WasteReport } from './layers-report.ts';

/** What was left by a package manager, and removed by a later layer. */
export interface LateLeftover extends WasteReport {
  /** Undefined: no known folder. */
  name: string | undefined;
}

type Known = Pick<LayersReport, 'layers' | 'instructions' | 'leftovers'>;

/** Less is not worth a word. */
const least = 10_000;
const longest = 60;

/** @param late what was deleted, by layers and by what it was; @param duplicates bytes that are there already, by layer */
export function makeHints(
  report: Known,
  late: readonly LateLeftover[],
  duplicates: ReadonlyMap<number, number>,
): Hint[] {
  const { layers, leftovers } = report;
  const step = (layer: number): string => stepWords(report, layer);
  const isOwn = (layer: number): boolean => !layers[layer]!.base;
  const hints: Hint[] = [];
  for (const { name, remedy, layer, bytes } of leftovers) {
    const text = `${name} that ${step(layer)} left: ${remedy}`;
    if (isOwn(layer)) hints.push({ kind: 'leftover', bytes, layer, by: undefined, text });
  }
  for (const { name, layer, by, bytes, kind } of late) {
    if (kind !== 'deleted' || layer === by) continue;
    const what = name ?? 'files';
    const remedy = isOwn(layer)
      ? 'they stay in the layer below; remove them in the step that makes them, or build in another stage'
      : 'they stay in the base image; take a smaller one, or copy what is needed into a new stage';
    const text = `${what} that ${step(layer)} left are deleted later, by ${step(by)}: ${remedy}`;
    hints.push({ kind: 'late', bytes, layer, by, text });
  }
  for (const [layer, { rewritten, base }] of layers.entries()) {
    const remedy =
      'set mode and owner where they come in: COPY --chmod, --chown, or in the step that makes them';
    const text = `${step(layer)} writes ${countFiles(rewritten.files)} again with the same content: ${remedy}`;
    if (!base) hints.push({ kind: 'rewritten', bytes: rewritten.bytes, layer, by: undefined, text });
  }
  for (const [layer, bytes] of duplicates) {
    const text = `${step(layer)} brings what is there already, under other names: link to it, or copy it once`;
    if (isOwn(layer)) hints.push({ kind: 'duplicate', bytes, layer, by: undefined, text });
  }
  return hints.filter(({ bytes }) => bytes >= least).sort((a, b) => b.bytes - a.bytes || a.layer - b.layer);
}

const countFiles = (files: number): string => (files === 1 ? 'a file' : `${files} files`);

/** `RUN apt-get update… (layer 3, line 12)`, numbered from 1 as people do. */
function stepWords({ layers, instructions }: Known, layer: number): string {
  return describeStep(instructions[layers[layer]!.instruction]!, layers[layer]!, layer);
}

function describeStep(
  { text, place }: InstructionReport,
  { base }: Pick<LayerReport, 'base'>,
  layer: number,
): string {
  const letters = [...text];
  const short = letters.length > longest ? `${letters.slice(0, longest - 1).join('')}…` : text;
  const line = place ? `, line ${place.lines[0]}` : base ? ', of the base image' : '';
  return short === '' ? `layer ${layer + 1}${line.replace(',', '')}` : `${short} (layer ${layer + 1}${line})`;
}
