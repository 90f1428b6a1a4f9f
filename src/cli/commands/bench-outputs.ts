// Where the result of a replay goes: the terminal, and files for programs and people.
import { resolve } from 'node:path';
import type { ReplayResult } from '../../index.ts';
import type { Session } from '../session.ts';
import { writeResultFile } from '../write-result-file.ts';
import { toJson } from './answer-call.ts';
import type { BenchArguments } from './bench-request.ts';

export interface ReportPlaces {
  given: BenchArguments;
  /** `--out`. */
  folder: string | undefined;
  session: Session;
}

/** @throws ERR_EXPORT */
export function writeReplay(path: string, result: ReplayResult): Promise<void> {
  return writeResultFile(path, toJson(result));
}

/** @throws ERR_EXPORT */
export async function writeReports(result: ReplayResult, { given, session }: ReportPlaces): Promise<void> {
  const { json } = given.texts;
  if (json === '-') session.stdout.write(toJson(result));
  else if (json !== undefined) await writeReplay(resolve(session.cwd, json), result);
}
