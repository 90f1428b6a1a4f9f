// Where the result of a replay goes: the terminal, and files for programs and people.
import { join, resolve } from 'node:path';
import { type Advice, type ReplayResult, renderReplay } from '../../index.ts';
import type { Session } from '../session.ts';
import { writeResultFile } from '../write-result-file.ts';
import { toJson } from './answer-call.ts';
import type { BenchArguments } from './bench-request.ts';

export interface ReportPlaces {
  given: BenchArguments;
  /** `--out`. */
  folder: string | undefined;
  session: Session;
  /** What would save time, as far as it was looked for. */
  advice: readonly Advice[];
}

/** @throws ERR_EXPORT */
export function writeReplay(path: string, result: ReplayResult): Promise<void> {
  return writeResultFile(path, toJson(result));
}

const files = [
  { format: 'markdown', name: 'report.md' },
  { format: 'html', name: 'report.html' },
] as const;

/** Files that are asked for, all of them in `--out`; a table on standard output, unless something else goes there. @throws ERR_EXPORT */
export async function writeReports(
  result: ReplayResult,
  { given, folder, session, advice }: ReportPlaces,
): Promise<void> {
  const { texts } = given;
  let isTaken = false;
  const write = async (where: string | undefined, content: () => string | Promise<string>): Promise<void> => {
    if (where === undefined) return;
    if (where === '-') {
      isTaken = true;
      session.stdout.write(await content());
    } else await writeResultFile(resolve(session.cwd, where), await content());
  };
  await write(texts.json, () => toJson(result));
  for (const { format, name } of files) {
    const content = () => renderReplay(result, format, advice);
    await write(texts[format], content);
    if (folder !== undefined) await write(join(folder, name), content);
  }
  if (folder !== undefined) await write(join(folder, 'advice.json'), () => toJson(advice));
  if (!isTaken) session.stdout.write(await renderReplay(result, 'text', advice));
}
