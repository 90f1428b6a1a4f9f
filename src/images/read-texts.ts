// The contents of short texts that differ between two images, for a line by line comparison: each layer is read once more.
import type { FileDifference, ImageDiff } from '../inspect/image-diff.ts';
import type { FileItem } from '../inspect/layer-item.ts';
import type { FileNode } from '../inspect/merged-files.ts';
import { readTar } from '../layer/tar-reader.ts';
import type { InspectedImage } from './inspected-image.ts';

/** Larger ones are not shown. */
const longest = 64 << 10;
/** Of all together. */
const room = 8 << 20;

export interface TextSide {
  opened: InspectedImage;
  root: FileNode;
}

/** By path, of files that both have and that are texts in both. */
export async function readTexts(
  { files }: Pick<ImageDiff, 'files'>,
  sides: { before: TextSide; after: TextSide },
  signal: AbortSignal,
): Promise<Map<string, { before: string; after: string }>> {
  let left = room;
  const wanted = files.filter((file) => {
    if (!isShort(file)) return false;
    left -= file.before!.size + file.after!.size;
    return left >= 0;
  });
  const paths = wanted.map(({ path }) => path);
  const before = await readSide(paths, sides.before, signal);
  const after = await readSide(paths, sides.after, signal);
  const texts = new Map<string, { before: string; after: string }>();
  for (const path of paths) {
    const one = before.get(path);
    const other = after.get(path);
    if (one !== undefined && other !== undefined) texts.set(path, { before: one, after: other });
  }
  return texts;
}

function isShort({ aspects, before, after }: FileDifference): boolean {
  return aspects.includes('content') && before!.size <= longest && after!.size <= longest;
}

async function readSide(
  paths: readonly string[],
  { opened, root }: TextSide,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  /** By layer, then by place in the tar. */
  const wanted = new Map<number, Map<number, string[]>>();
  for (const path of paths) {
    const found = contentAt(root, path);
    if (!found) continue;
    const inLayer = wanted.get(found.layer) ?? new Map<number, string[]>();
    inLayer.set(found.item.index, [...(inLayer.get(found.item.index) ?? []), path]);
    wanted.set(found.layer, inLayer);
  }
  const texts = new Map<string, string>();
  for (const [layer, entries] of wanted) {
    let index = -1;
    for await (const entry of readTar(opened.open(layer, signal), { signal })) {
      const own = entries.get(++index);
      if (!own) continue;
      const chunks: Buffer[] = [];
      for await (const chunk of entry.body()) chunks.push(Buffer.from(chunk));
      const text = textOf(Buffer.concat(chunks));
      for (const path of text === undefined ? [] : own) texts.set(path, text!);
    }
  }
  return texts;
}

function contentAt(root: FileNode, path: string): { layer: number; item: FileItem } | undefined {
  let node: FileNode | undefined = root;
  for (const name of path.split('/')) node = node?.children?.get(name);
  return node?.content;
}

/** Undefined for what is no text in UTF-8. */
function textOf(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
