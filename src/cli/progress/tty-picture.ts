// The picture that `tty` progress draws: a heading and a block of lines for each vertex, cut to the screen.
import type { Colors } from './colors.ts';
import { formatAmount, formatSeconds } from './figures.ts';
import { padColumns, textWidth, truncate } from './text-width.ts';

export interface PictureItem {
  name: string;
  current: number;
  total: number | undefined;
  started: number;
}

export interface PictureVertex {
  name: string;
  started: number;
  completed: number | undefined;
  outcome: 'running' | 'done' | 'cached' | 'failed' | 'canceled';
  items: readonly PictureItem[];
  /** Last lines of output, oldest first. */
  output: readonly string[];
}

export interface Picture {
  started: number;
  now: number;
  /** Behind the count: `FINISHED`; empty while running. */
  state: string;
  columns: number;
  /** Lines there is room for; Infinity for the last picture. */
  rows: number;
  /** Undefined: none. */
  colors: Colors | undefined;
  vertices: readonly PictureVertex[];
}

const marks = { running: '', done: '', cached: 'CACHED ', failed: 'ERROR ', canceled: 'CANCELED ' } as const;
const colorKeys = { done: 'run', cached: 'run', failed: 'error', canceled: 'cancel' } as const;
const barWidth = 20;

/** Lines without their ends, each at most `columns` - 1 columns wide, at most `rows` of them. */
export function drawPicture(picture: Picture): string[] {
  const width = Math.max(picture.columns, 20) - 1;
  const complete = picture.vertices.filter((vertex) => vertex.completed !== undefined).length;
  const seconds = formatSeconds(picture.now - picture.started);
  const state = picture.state && ` ${picture.state}`;
  const heading = `[+] Building ${seconds} (${complete}/${picture.vertices.length})${state}`;
  const blocks = chooseBlocks(picture, Math.max(picture.rows, 2) - 1, width);
  return [truncate(heading, width), ...blocks.flat()];
}

/** As many blocks as fit: finished ones go first, oldest first, then the details of running ones, then running ones. */
function chooseBlocks(picture: Picture, room: number, width: number): string[][] {
  const shown = picture.vertices.map((vertex) => ({ vertex, lines: drawVertex(vertex, picture, width) }));
  let excess = shown.reduce((sum, block) => sum + block.lines.length, 0) - room;
  for (const block of shown) {
    if (excess <= 0) break;
    if (block.vertex.outcome === 'running' || block.vertex.outcome === 'failed') continue;
    excess -= block.lines.length;
    block.lines = [];
  }
  for (const block of shown) {
    if (excess <= 0) break;
    const cut = Math.min(Math.max(block.lines.length - 1, 0), excess);
    // The heading stays, and the newest lines.
    block.lines.splice(1, cut);
    excess -= cut;
  }
  for (const block of shown) {
    if (excess <= 0) break;
    excess -= block.lines.length;
    block.lines = [];
  }
  return shown.map((block) => block.lines);
}

function drawVertex(vertex: PictureVertex, picture: Picture, width: number): string[] {
  const time = formatSeconds((vertex.completed ?? picture.now) - vertex.started);
  const heading = line(` => ${marks[vertex.outcome]}${vertex.name}`, time, width);
  const { outcome } = vertex;
  const color = outcome === 'running' ? '' : picture.colors?.[colorKeys[outcome]];
  const lines = [color ? `\x1b[${color}m${heading}\x1b[0m` : heading];
  if (vertex.outcome !== 'running') return lines;
  for (const item of vertex.items) lines.push(drawItem(item, picture.now, width));
  for (const text of vertex.output) lines.push(truncate(` => => # ${text}`, width));
  return lines;
}

function drawItem(item: PictureItem, now: number, width: number): string {
  const time = formatSeconds(now - item.started);
  const amount = formatAmount(item.current, item.total);
  const known = item.total !== undefined && item.total > 0;
  const bar = known && width >= 70 ? `${drawBar(item.current / item.total!)} ` : '';
  const right = `${bar}${amount}${amount && '  '}${time}`;
  return line(` => => ${item.name}`, right, width);
}

function drawBar(part: number): string {
  const filled = Math.floor(Math.min(Math.max(part, 0), 1) * barWidth);
  const head = filled < barWidth ? '>' : '';
  return `[${`${'='.repeat(filled)}${head}`.padEnd(barWidth)}]`;
}

/** A text on the left, cut where there is no room, and one on the right. */
function line(left: string, right: string, width: number): string {
  const room = width - textWidth(right) - 1;
  return room < 8 ? truncate(left, width) : `${padColumns(truncate(left, room), room)} ${right}`;
}
