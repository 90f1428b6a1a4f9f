// Finds the sections and runs one of them, whatever it does: what it throws is a failure, what it leaves in its folder goes.
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { tempDir } from '../support/temp-dir.ts';
import type { HardOptions, HardResult, HardSection } from './section.ts';

const folder = join(import.meta.dirname, 'sections');

/** Sorted by name. */
export async function findSections(): Promise<HardSection[]> {
  const names = (existsSync(folder) ? await readdir(folder) : [])
    .filter((name) => name.endsWith('.ts'))
    .sort();
  const modules = await Promise.all(
    names.map((name) => import(pathToFileURL(join(folder, name)).href) as Promise<{ section?: HardSection }>),
  );
  return modules.flatMap(({ section }) => section ?? []);
}

export interface SectionRun extends HardResult {
  name: string;
  what: string;
  seconds: number;
}

export async function runSection(
  section: HardSection,
  options: Omit<HardOptions, 'scratch'>,
): Promise<SectionRun> {
  const { name, what } = section;
  const started = performance.now();
  await using scratch = await tempDir(`slipway-hard-${name}-`);
  let result: HardResult;
  try {
    result = await section.run({ ...options, scratch: scratch.path });
  } catch (error) {
    options.signal.throwIfAborted();
    const thrown = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const again = `npm run test:hard -- ${name} --seed=${options.seed}`;
    result = { attempts: 0, failures: [{ what: `the section ended: ${thrown}`, again }] };
  }
  return { name, what, ...result, seconds: (performance.now() - started) / 1000 };
}
