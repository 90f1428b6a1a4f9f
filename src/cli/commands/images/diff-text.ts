// What differs between two images, for people.
import {
  addDifference,
  type FileDifference,
  type FileFacts,
  type ImageDiff,
  noSums,
  type Sums,
} from '../../../index.ts';
import { harmless } from '../../progress/harmless.ts';
import { humanSize } from './human.ts';
import { layOut } from './table.ts';

const marks = { added: '+', removed: '-', changed: '~' } as const;
const longest = 70;

/** @param depth of the folders that are summed up; undefined: each file is told */
export function diffText(diff: ImageDiff, depth: number | undefined): string {
  const sections = [`${heading(diff)}\n`];
  const add = (title: string, lines: readonly string[]): void => {
    if (lines.length > 0) sections.push(`${title}:\n${layOut(lines.map((line) => `  ${line}`))}`);
  };
  if (depth === undefined) add('Files', diff.files.map(fileLine));
  else add('Folders', folderLines(diff.files, depth));
  add(
    'By instruction',
    diff.instructions.map((one) => {
      const whose = one.image === 'after' ? '' : ' of the first image';
      return `${sumsText(one)}\tlayer ${one.layer + 1}${whose}\t${shortened(one.text)}`;
    }),
  );
  add(
    'Config',
    diff.config.map(({ field, before, after }) => {
      const mark = before === undefined ? '+' : after === undefined ? '-' : '~';
      const values = [before, after].filter((value) => value !== undefined).map(valueText);
      return `${mark} ${cell(field)}\t${values.join(' → ')}`;
    }),
  );
  const patches = diff.files.flatMap(({ patch }) => (patch ? [patch] : []));
  sections.push(...patches.map(patchText));
  return sections.join('\n');
}

/** On one line, and steers no terminal. */
const cell = (text: string): string => harmless(text).replaceAll('\t', '^I');

function heading({ before, after, equal, total, layers }: ImageDiff): string {
  const pair = cell(`${before.name} → ${after.name}`);
  const shared = `${layers.shared} of ${layers.after.length} layers shared`;
  if (equal) return `${pair}: no difference; ${shared}`;
  return `${pair}: ${sumsText(total)}; ${humanSize(before.bytes)} → ${humanSize(after.bytes)}; ${shared}`;
}

function sumsText({ added, removed, changed, bytesAdded, bytesRemoved }: Sums): string {
  return `+${added} -${removed} ~${changed} (+${humanSize(bytesAdded)} -${humanSize(bytesRemoved)})`;
}

function fileLine({ path, change, aspects, before, after }: FileDifference): string {
  const facts = (after ?? before)!;
  const name = `${marks[change]} /${cell(path)}${facts.type === 'dir' && path !== '' ? '/' : ''}`;
  if (before && after)
    return `${name}\t${aspects.map((aspect) => aspectText(aspect, before, after)).join(', ')}`;
  return `${name}\t${facts.type === 'file' ? humanSize(facts.size) : facts.type}`;
}

function aspectText(aspect: FileDifference['aspects'][number], before: FileFacts, after: FileFacts): string {
  const told: Partial<Record<typeof aspect, (facts: FileFacts) => string>> = {
    type: ({ type }) => type,
    size: ({ size }) => humanSize(size),
    mode: ({ mode }) => mode,
    owner: ({ uid, gid }) => `${uid}:${gid}`,
    link: ({ linkTarget }) => cell(linkTarget ?? ''),
  };
  const text = told[aspect];
  return text ? `${aspect} ${text(before)} → ${text(after)}` : aspect;
}

function folderLines(files: readonly FileDifference[], depth: number): string[] {
  const folders = new Map<string, Sums>();
  for (const file of files) {
    const parts = file.path.split('/').slice(0, -1);
    const folder = parts.slice(0, depth).join('/');
    const sums = folders.get(folder) ?? noSums();
    addDifference(sums, file);
    folders.set(folder, sums);
  }
  return [...folders]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([folder, sums]) => `/${cell(folder)}\t${sumsText(sums)}`);
}

function shortened(text: string): string {
  const letters = [...cell(text)];
  return letters.length <= longest ? letters.join('') : `${letters.slice(0, longest - 1).join('')}…`;
}

function valueText(value: unknown): string {
  return cell(typeof value === 'string' ? value : JSON.stringify(value));
}

function patchText(patch: string): string {
  return patch
    .split('\n')
    .map((line) => harmless(line))
    .join('\n');
}
