// `npm run test:hard [-- SECTION… --scale=N --seed=N --json=FILE]`: the long form. Exits with 1 where anything failed.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { findSections, runSection, type SectionRun } from './run-section.ts';
import type { HardFailure } from './section.ts';
import { hardTable } from './table.ts';

const usage = `npm run test:hard [-- SECTION… FLAGS]
  --list        name the sections
  --bounded     as few attempts as the suite makes
  --scale=N     N times as many attempts; 0.1 makes a tenth
  --seed=N      other attempts (1)
  --json=FILE   the results as JSON, too`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    list: { type: 'boolean' },
    bounded: { type: 'boolean' },
    help: { type: 'boolean' },
    scale: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    json: { type: 'string' },
  },
});
const scale = Number(values.scale);
const seed = Number(values.seed);
if (!(scale > 0) || !Number.isSafeInteger(seed)) throw new Error(usage);

const isTerminal = process.stderr.isTTY === true;

/** One line that is written over on a terminal; elsewhere nothing. */
function show(text: string): void {
  if (isTerminal) process.stderr.write(`\r\x1b[K${text.slice(0, (process.stderr.columns || 80) - 1)}`);
}

async function runAll(): Promise<void> {
  const sections = await findSections();
  if (values.list) {
    for (const { name, what, full, bounded } of sections)
      console.log(`${name.padEnd(12)} ${what} (${full} attempts; ${bounded} in the suite)`);
    return;
  }
  const unknown = positionals.filter((word) => !sections.some(({ name }) => name === word));
  if (unknown.length > 0) throw new Error(`no section ${unknown.join(', ')}\n${usage}`);
  const chosen = sections.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => controller.abort(new Error(`ended by ${name}`)));
  const runs: SectionRun[] = [];
  for (const section of chosen) {
    const attempts = Math.max(1, Math.round((values.bounded ? section.bounded : section.full) * scale));
    const report = (line: string): void => show(`${section.name}: ${line}`);
    const failed = ({ what, again }: HardFailure): void => {
      show('');
      console.error(`${section.name}: ${what}\n  ${again}`);
    };
    const run = await runSection(section, { attempts, seed, signal: controller.signal, report, failed });
    show('');
    runs.push(run);
    if (values.json !== undefined) writeFileSync(values.json, JSON.stringify({ seed, scale, runs }, null, 2));
  }
  console.log(hardTable(runs));
  process.exitCode = runs.some(({ failures }) => failures.length > 0) ? 1 : 0;
}

if (values.help) console.log(usage);
else await runAll();
