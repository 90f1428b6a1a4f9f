// Puts the report on an image's layers together: layer after layer, each looked at once.
import type { ImageConfig } from '../oci/config.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { DiffID } from '../oci/digest.ts';
import { createEfficiency } from './efficiency.ts';
import { findFiles } from './find-files.ts';
import { type LateLeftover, makeHints } from './hints.ts';
import type { LayerItem } from './layer-item.ts';
import type {
  InstructionPlace,
  LayerReport,
  LayersReport,
  PathChange,
  Tally,
  WastedPath,
} from './layers-report.ts';
import { leftoverOf } from './leftovers.ts';
import { matchHistory } from './match-history.ts';
import { createMergedFiles, type FileChange, type FileNode, visitBelow, type Waste } from './merged-files.ts';
import { createTopList, largerFirst } from './top-list.ts';

export interface ReportInput {
  image: LayersReport['image'];
  config: ImageConfig;
  /** Stored forms, the lowest first. */
  layers: readonly Descriptor[];
  /** By layer: what a build noted of it. `base`: it came with the base image. */
  places: readonly { place?: InstructionPlace; base?: boolean }[];
  /** How many of each list are named. */
  top: number;
  /** Whether each layer tells every path that it changed. */
  listsFiles: boolean;
}

export interface LayersReporter {
  /** The lowest first. @throws ERR_BAD_ARCHIVE */
  addLayer(items: readonly LayerItem[]): void;
  /** Once all are there. */
  finish(): LayersReport;
}

const none = (): Tally => ({ files: 0, bytes: 0 });

export function createLayersReporter(input: ReportInput): LayersReporter {
  const { config, places } = input;
  const instructions = matchHistory(config.history, input.layers.length);
  for (const one of instructions) {
    if (one.layer !== undefined) one.place = places[one.layer]?.place;
  }
  const merged = createMergedFiles();
  const efficiency = createEfficiency();
  const layers: LayerReport[] = [];
  /** By layer, culprit, kind, and what it was. */
  const waste = new Map<string, LateLeftover>();
  const wastedPaths = new Map<string, WastedPath>();

  const bytesBelow = (path: string): number => {
    const node = merged.find(path);
    let sum = 0;
    if (node?.children)
      visitBelow(node, path, (_, { content, isLink }) => {
        if (!isLink) sum += content?.item.size ?? 0;
      });
    return sum;
  };

  function tell(report: LayerReport, { path, before, after }: FileChange): void {
    const was = before && !before.children;
    const is = after && !after.children;
    if (is) {
      const tally = was ? report.overwritten : report.added;
      tally.files++;
      tally.bytes += ownBytes(after);
      if (was && isRewritten(before, after)) {
        report.rewritten.files++;
        report.rewritten.bytes += after.content!.item.size;
      }
    } else if (was) report.deleted.files++;
    if (!report.changes) return;
    const shown = after ?? before!;
    const change: PathChange['change'] = !before ? 'added' : after ? 'changed' : 'deleted';
    report.changes.push({ path, change, type: shown.item?.type ?? 'dir', bytes: ownBytes(shown) });
  }

  function lose({ path, content, by, kind }: Waste): void {
    const { size } = content.item;
    const from = layers[content.layer]!;
    from.wasted += size;
    layers[by]!.wastes += size;
    if (kind === 'deleted') layers[by]!.deleted.bytes += size;
    const name = kind === 'deleted' ? leftoverOf(path)?.name : undefined;
    const key = `${content.layer} ${by} ${kind} ${name ?? ''}`;
    const known = waste.get(key) ?? { kind, layer: content.layer, by, name, ...none() };
    known.files++;
    known.bytes += size;
    waste.set(key, known);
    if (size === 0) return;
    const paths = wastedPaths.get(path) ?? { path, copies: 0, bytes: 0 };
    paths.copies++;
    paths.bytes += size;
    wastedPaths.set(path, paths);
  }

  return {
    addLayer(items) {
      const index = layers.length;
      const blob = input.layers[index]!;
      efficiency.addLayer(items, bytesBelow);
      const report: LayerReport = {
        diffID: config.rootfs.diff_ids[index] as DiffID,
        ...{ digest: blob.digest, storedBytes: blob.size },
        instruction: instructions.findIndex(({ layer }) => layer === index),
        base: places[index]?.base ?? false,
        ...{ bytes: 0, added: none(), overwritten: none(), rewritten: none(), deleted: none() },
        ...{ wasted: 0, wastes: 0, ...(input.listsFiles ? { changes: [] } : {}) },
      };
      layers.push(report);
      report.bytes = merged.addLayer(items, { onChange: (change) => tell(report, change), onWaste: lose });
    },
    finish() {
      const found = findFiles(merged.root, input.top);
      const bytes = layers.reduce((sum, one) => sum + one.bytes, 0);
      const wasted = bytes - found.reachable;
      const paths = createTopList<WastedPath>(input.top, largerFirst);
      for (const one of wastedPaths.values()) paths.add(one);
      const late = [...waste.values()];
      const { duplicates, setuid, worldWritable, leftovers, largest } = found;
      return {
        version: 1,
        image: input.image,
        total: {
          layers: layers.length,
          files: found.files,
          ...{ bytes, reachable: found.reachable, wasted },
          wastedPercent: bytes === 0 ? 0 : (wasted / bytes) * 100,
          efficiency: efficiency.score(),
          duplicates: found.duplicateBytes,
          storedBytes: layers.reduce((sum, one) => sum + one.storedBytes, 0),
        },
        ...{ layers, instructions, waste: mergeWaste(late), wastedPaths: paths.list() },
        ...{ duplicates, setuid, worldWritable, leftovers, largest },
        hints: makeHints({ layers, instructions, leftovers }, late, found.duplicatesByLayer),
        budgets: [],
      };
    },
  };
}

const ownBytes = ({ content, isLink }: FileNode): number => (isLink ? 0 : (content?.item.size ?? 0));

function isRewritten(before: FileNode, after: FileNode): boolean {
  const was = before.content!.item;
  const is = after.content!.item;
  return (
    is.type === 'file' && is.size > 0 && !after.isLink && was.digest === is.digest && was.type === 'file'
  );
}

/** Whatever it was. */
function mergeWaste(all: readonly LateLeftover[]): LayersReport['waste'] {
  const merged = new Map<string, LayersReport['waste'][number]>();
  for (const { name: _, ...one } of all) {
    const key = `${one.layer} ${one.by} ${one.kind}`;
    const known = merged.get(key);
    if (!known) merged.set(key, { ...one });
    else {
      known.files += one.files;
      known.bytes += one.bytes;
    }
  }
  return [...merged.values()]
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes || a.layer - b.layer || a.by - b.by);
}
