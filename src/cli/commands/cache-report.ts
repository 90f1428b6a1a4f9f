// `--cache-report` and `--explain`: why steps of the build that has just ended hit or missed, as a file or as lines.
import { resolve } from 'node:path';
import type { BuildRecord, Engine } from '../../index.ts';
import type { Arguments } from '../arguments.ts';
import { harmless } from '../progress/harmless.ts';
import type { Session } from '../session.ts';
import { clearResultFile, writeResultFile } from '../write-result-file.ts';
import { toJson } from './answer-call.ts';

export interface BuildReport {
  onRecord(record: BuildRecord): void;
  /** Once the build has ended, well or not. @throws ERR_EXPORT */
  write(engine: Pick<Engine, 'explain'>): Promise<void>;
}

/** Undefined where nothing is asked for. @throws ERR_USAGE where the file can't be made */
export async function openBuildReport(
  { texts, booleans }: Arguments<'cache-report' | 'explain'>,
  session: Session,
): Promise<BuildReport | undefined> {
  const file = texts['cache-report'];
  if (!file && !booleans.explain) return undefined;
  const path = file ? resolve(session.cwd, file) : undefined;
  if (path !== undefined) await clearResultFile(path, '--cache-report');
  let record: BuildRecord | undefined;
  return {
    onRecord(one) {
      record = one;
    },
    async write(engine) {
      if (record === undefined) return;
      const { cacheReport, explanationLines } = await import('../../index.ts');
      const explained = await engine.explain({
        ...{ record, cwd: session.cwd, signal: session.signal },
        files: booleans.explain,
      });
      if (path !== undefined) await writeResultFile(path, toJson(cacheReport(explained)));
      if (!booleans.explain) return;
      const missed = explained.steps.filter(({ outcome }) => ['ran', 'failed', 'canceled'].includes(outcome));
      const lines = explanationLines(explained, missed);
      session.stderr.write(lines.map((line) => `${harmless(line)}\n`).join(''));
    },
  };
}
