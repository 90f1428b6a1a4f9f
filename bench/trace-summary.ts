// Sums up a trace (docs/tracing.md): where the time went on the way from start to end, and how long each kind of work took.
// node --import tsx bench/trace-summary.ts FILE [ROWS]
import { readFileSync } from 'node:fs';

interface Event {
  ph: string;
  name: string;
  cat: string;
  ts: number;
  dur: number;
  tid: number;
  span: number;
  parent?: number;
  args?: { own_ms?: number };
}

interface Node extends Event {
  end: number;
  children: Node[];
}

/** Spans as a tree; the first is the whole. */
function treeOf(events: readonly Event[]): Node {
  const nodes = new Map<number, Node>();
  for (const one of events)
    if (one.ph === 'X') nodes.set(one.span, { ...one, end: one.ts + one.dur, children: [] });
  for (const node of nodes.values()) nodes.get(node.parent ?? 0)?.children.push(node);
  return nodes.get(1)!;
}

type Times = Map<string, { time: number; count: number }>;

/** Steps differ in name alone, as do requests. */
const kindOf = ({ cat, name }: Event): string => {
  if (cat === 'step') return 'step';
  return cat === 'registry' ? `registry: ${name.split(' ')[0]}` : `${cat}: ${name}`;
};

/** How much of its time is a span's: a stream lasts as long as it is read, most of which may be its reader's. */
const shareOf = ({ args, dur }: Event): number =>
  args?.own_ms === undefined ? 1 : Math.min(1, (args.own_ms * 1000) / Math.max(1, dur));

function add(times: Times, node: Node, time: number): void {
  const known = times.get(kindOf(node)) ?? { time: 0, count: 0 };
  times.set(kindOf(node), { time: known.time + time, count: known.count + 1 });
}

/** Backwards from the end: whatever ended last is what was waited for. */
function walkPath(times: Times, node: Node, until: number, rate = 1): void {
  let at = Math.min(node.end, until);
  let own = 0;
  const children = [...node.children].sort((a, b) => b.end - a.end);
  for (const child of children) {
    if (child.ts >= at) continue;
    const end = Math.min(child.end, at);
    const part = Math.min(rate, shareOf(child));
    const from = Math.max(child.ts, node.ts);
    own += (at - end) * rate + (end - from) * (rate - part);
    walkPath(times, child, end, part);
    at = from;
  }
  add(times, node, own + (at - node.ts) * rate);
}

/** Each span without what lies in it on its lane. */
function sumOwn(times: Times, node: Node): void {
  const same = node.children.filter(({ tid }) => tid === node.tid);
  const parts = same.reduce((sum, child) => sum + child.dur * shareOf(child), 0);
  add(times, node, Math.max(0, node.dur * shareOf(node) - parts));
  for (const child of node.children) sumOwn(times, child);
}

function print(title: string, times: Times, rows: number): void {
  console.log(`\n${title}\n${'ms'.padStart(10)} ${'count'.padStart(7)}`);
  const sorted = [...times].sort(([, a], [, b]) => b.time - a.time).slice(0, rows);
  for (const [name, { time, count }] of sorted)
    console.log(`${(time / 1000).toFixed(1).padStart(10)} ${String(count).padStart(7)}  ${name}`);
}

const [file, rows = '25'] = process.argv.slice(2);
if (file === undefined) throw new Error('give a trace: node --import tsx bench/trace-summary.ts FILE');
const root = treeOf((JSON.parse(readFileSync(file, 'utf8')) as { traceEvents: Event[] }).traceEvents);
console.log(`${root.name}: ${(root.dur / 1000).toFixed(1)} ms`);
const path: Times = new Map();
walkPath(path, root, root.end);
print('on the critical path', path, Number(rows));
const own: Times = new Map();
sumOwn(own, root);
print('own time, of all that ran', own, Number(rows));
