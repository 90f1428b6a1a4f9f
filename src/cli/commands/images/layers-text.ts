// The report on an image's layers for people: a table by layer, then what is worth doing.
import type { FoundFile, InstructionReport, LayersReport, Listed, Tally } from '../../../index.ts';
import { harmless } from '../../progress/harmless.ts';
import { humanSize } from './human.ts';
import { layersTree } from './layers-tree.ts';
import { layOut } from './table.ts';

const longest = 70;
/** The rest saves less; --json has all. */
const mostHints = 10;
const dash = '-';

/** @param depth of the trees of files, where the report has them; 0: all */
export function layersText(report: LayersReport, depth: number): string {
  const { layers } = report;
  const sections = [
    `${summary(report)}\n`,
    layOut([header, ...rows(report)]),
    ...section(
      'What would help',
      report.hints.slice(0, mostHints).map(({ bytes, text }) => `${humanSize(bytes)}\t${text}`),
    ),
    ...layers.flatMap(({ changes }, index) =>
      changes
        ? section(`Layer ${index + 1}, ${instructionOf(report, index)}`, layersTree(changes, depth))
        : [],
    ),
    ...section('Wasted', wasteLines(report)),
    ...listed('Wasted by path', report.wastedPaths, ({ path, bytes, copies }) => [
      ...[humanSize(bytes), times(copies), `/${path}`],
    ]),
    ...section(
      'Left behind',
      report.leftovers.map(
        (one) => `${humanSize(one.bytes)}\t${countFiles(one.files)}\t${one.name} of layer ${one.layer + 1}`,
      ),
    ),
    ...listed('Equal contents', report.duplicates, ({ wasted, copies, places }) => [
      ...[humanSize(wasted), `${copies} times`],
      places.map(({ path, layer }) => `/${path} (layer ${layer + 1})`).join(', '),
    ]),
    ...listed('Run with the rights of another user or group', report.setuid, found),
    ...listed('Everybody may write to', report.worldWritable, found),
    ...section(
      'Largest files',
      report.largest.map((one) => found(one).join('\t')),
    ),
    ...section(
      'Budgets',
      report.budgets.map(({ exceeded, limit, text }) => `${exceeded ? 'over' : 'kept'}\t${limit}\t${text}`),
    ),
  ];
  return sections.join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return [
    `${harmless(title)}:\n${layOut(lines.map((line) => `  ${line.split('\t').map(harmless).join('\t')}`))}`,
  ];
}

function listed<T>(
  title: string,
  { count, items }: Listed<T>,
  cells: (item: T) => readonly string[],
): string[] {
  const more = count > items.length ? ` (${items.length} of ${count})` : '';
  return section(
    `${title}${more}`,
    items.map((one) =>
      cells(one)
        .map((cell) => cell.replaceAll('\t', '^I'))
        .join('\t'),
    ),
  );
}

const countFiles = (files: number): string => (files === 1 ? '1 file' : `${files} files`);

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

const found = ({ path, mode, bytes, layer }: FoundFile): string[] => [
  ...[humanSize(bytes), mode, `layer ${layer + 1}`, `/${path}`],
];

function summary({ image, total }: LayersReport): string {
  const share = Number(total.wastedPercent.toFixed(1));
  const sizes = `${humanSize(total.bytes)} in ${total.layers} ${total.layers === 1 ? 'layer' : 'layers'}`;
  const wasted = `${humanSize(total.wasted)} (${share} %) wasted`;
  const efficiency = `efficiency ${Number((total.efficiency * 100).toFixed(1))} %`;
  return harmless(
    `${image.name} (${image.platform}): ${sizes}, ${countFiles(total.files)}; ${wasted}; ${efficiency}`,
  );
}

const header = ['LAYER', 'SIZE', 'ADDED', 'OVERWRITTEN', 'DELETED', 'WASTED', 'LINE', 'INSTRUCTION'].join(
  '\t',
);

const tally = ({ files, bytes }: Tally): string => (files === 0 ? dash : `${files} (${humanSize(bytes)})`);

/** By instruction, the oldest first; those that made no layer among them. */
function rows({ instructions, layers }: LayersReport): string[] {
  return instructions.map((one) => {
    const layer = one.layer === undefined ? undefined : layers[one.layer];
    if (!layer) return [dash, dash, dash, dash, dash, dash, dash, shown(one)].join('\t');
    const line = layer.base ? 'base' : one.place ? String(one.place.lines[0]) : dash;
    return [
      ...[String(one.layer! + 1), humanSize(layer.bytes)],
      ...[tally(layer.added), tally(layer.overwritten), tally(layer.deleted)],
      ...[layer.wasted === 0 ? dash : humanSize(layer.wasted), line, shown(one)],
    ].join('\t');
  });
}

function shown({ text }: Pick<InstructionReport, 'text'>): string {
  const letters = [...harmless(text).replaceAll('\t', ' ')];
  return letters.length <= longest ? letters.join('') : `${letters.slice(0, longest - 1).join('')}…`;
}

function instructionOf({ instructions, layers }: LayersReport, layer: number): string {
  return (
    shown(instructions[layers[layer]!.instruction] ?? { text: '' }) || 'of which the history tells nothing'
  );
}

function wasteLines({ waste }: LayersReport): string[] {
  return waste.map(({ layer, by, kind, files, bytes }) => {
    const who = layer === by ? 'within itself' : `${kind} by layer ${by + 1}`;
    return `${humanSize(bytes)}\t${countFiles(files)}\tof layer ${layer + 1}, ${who}`;
  });
}
