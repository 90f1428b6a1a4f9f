// `--cache-report` and `--explain`: why steps of builds that have just ended hit or missed, as a file or as lines.
import { resolve } from 'node:path';
import type { BuildRecord, CacheReport, Engine, ExplainedBuild } from '../../index.ts';
import type { Arguments } from '../arguments.ts';
import { harmless } from '../progress/harmless.ts';
import type { Session } from '../session.ts';
import { clearResultFile, writeResultFile } from '../write-result-file.ts';
import { toJson } from './answer-call.ts';

export interface BuildReport {
  onRecord(record: BuildRecord): void;
  /** Once all have ended, well or not: of a bake, by target. @throws ERR_EXPORT */
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
  const records: BuildRecord[] = [];
  return {
    onRecord(one) {
      records.push(one);
    },
    async write(engine) {
      if (records.length === 0) return;
      const { cacheReport, explanationLines } = await import('../../index.ts');
      const all: ExplainedBuild[] = [];
      // They end in any order.
      for (const record of records.sort((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1)))
        all.push(
          await engine.explain({
            ...{ record, cwd: session.cwd, signal: session.signal },
            files: booleans.explain,
          }),
        );
      if (path !== undefined) {
        const isBake = records[0]!.name !== undefined;
        const named = all.map((one): [string, CacheReport] => [one.build.name ?? '', cacheReport(one)]);
        await writeResultFile(path, toJson(isBake ? Object.fromEntries(named) : named[0]![1]));
      }
      if (!booleans.explain) return;
      for (const explained of all) {
        const { build, steps } = explained;
        const missed = steps.filter(({ outcome }) => ['ran', 'failed', 'canceled'].includes(outcome));
        const lines = explanationLines(explained, missed);
        if (build.name !== undefined && lines.length > 0) lines.unshift(`target ${build.name}:`);
        session.stderr.write(lines.map((line) => `${harmless(line)}\n`).join(''));
      }
    },
  };
}
