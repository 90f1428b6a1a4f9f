// Runs ShellCheck over the shell code of linted files: many scripts a process, as private files, within a time.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SlipwayError, systemCode } from '../../errors.ts';
import type { ExternalScript, Finding, ShellcheckComment } from '../../index.ts';
import type { Session } from '../session.ts';

/** About files that are no whole scripts: what is sourced, `#!` in a heredoc, a shell that is like another. */
const aside = 'SC1090,SC1091,SC1128,SC2148,SC2187';
const perProcess = 100;
const processes = 2;
const limit = 60_000;

/**
 * Files with what ShellCheck finds in their scripts added, in the order of each file.
 * @throws ERR_UNSUPPORTED where there is no such program, it fails or takes longer than a minute for a hundred scripts
 */
export async function addShellcheck<File extends { findings: readonly Finding[] }>(
  files: readonly File[],
  scripts: ReadonlyMap<File, readonly ExternalScript[]>,
  session: Session,
): Promise<File[]> {
  const comments = await runShellcheck([...scripts.values()].flat(), session);
  return files.map((file) => {
    const more = (scripts.get(file) ?? []).flatMap(({ text, toFinding }) =>
      (comments.get(text) ?? []).flatMap((comment) => toFinding(comment) ?? []),
    );
    return more.length === 0 ? file : { ...file, findings: [...file.findings, ...more].sort(byPlace) };
  });
}

function byPlace({ range: { start: a } }: Finding, { range: { start: b } }: Finding): number {
  return a.line - b.line || a.column - b.column;
}

/** By the text of the script. */
async function runShellcheck(
  scripts: readonly ExternalScript[],
  session: Session,
): Promise<Map<string, ShellcheckComment[]>> {
  const texts = [...new Set(scripts.map(({ text }) => text))];
  const comments = new Map<string, ShellcheckComment[]>();
  const folder = mkdtempSync(join(tmpdir(), 'slipway-lint-'));
  try {
    const batches: string[][] = [];
    for (let at = 0; at < texts.length; at += perProcess) batches.push(texts.slice(at, at + perProcess));
    let next = 0;
    const work = async () => {
      for (let batch = batches[next++]; batch !== undefined; batch = batches[next++])
        await checkBatch(batch, { folder, session, comments });
    };
    await Promise.all(Array.from({ length: processes }, work));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return comments;
}

async function checkBatch(
  batch: readonly string[],
  {
    folder,
    session,
    comments,
  }: { folder: string; session: Session; comments: Map<string, ShellcheckComment[]> },
): Promise<void> {
  const own = mkdtempSync(join(folder, 'batch-'));
  const paths = batch.map((text, index) => {
    const path = join(own, `${index}.sh`);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  });
  const found = await check(paths, session);
  for (const comment of found) {
    const text = batch[paths.indexOf(comment.file)];
    if (text === undefined) continue;
    const list = comments.get(text);
    if (list === undefined) comments.set(text, [comment]);
    else list.push(comment);
  }
}

type LocatedComment = ShellcheckComment & { file: string };

function check(paths: readonly string[], { env, signal }: Session): Promise<LocatedComment[]> {
  const args = ['--norc', '--format=json1', '--severity=style', `--exclude=${aside}`, '--', ...paths];
  return new Promise((resolve, reject) => {
    const timeout = AbortSignal.timeout(limit);
    const child = spawn('shellcheck', args, {
      env: { PATH: env['PATH'], LC_ALL: 'C.UTF-8' },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: AbortSignal.any([signal, timeout]),
      killSignal: 'SIGKILL',
    });
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    child.on('error', (cause) => reject(signal.aborted ? signal.reason : failure(cause, timeout.aborted)));
    child.on('close', (code) => {
      // 1: something was found. What can't be told is nothing to go on with.
      const why = Buffer.concat(errors).toString('utf8').trim().split('\n')[0];
      try {
        if (code !== 0 && code !== 1) throw new Error(why || `exit code ${code}`);
        const { comments } = JSON.parse(Buffer.concat(output).toString('utf8')) as {
          comments: LocatedComment[];
        };
        resolve(comments);
      } catch (cause) {
        reject(failure(cause, timeout.aborted));
      }
    });
  });
}

function failure(cause: unknown, isLate: boolean): SlipwayError {
  if (systemCode(cause) === 'ENOENT') {
    return new SlipwayError('ERR_UNSUPPORTED', 'there is no program shellcheck on PATH', {
      hint: 'install the package shellcheck, or leave --shellcheck out: the findings that matter most need no program',
      cause,
    });
  }
  const why = isLate
    ? `took longer than ${limit / 1000} s`
    : cause instanceof Error
      ? cause.message
      : 'failed';
  return new SlipwayError('ERR_UNSUPPORTED', `shellcheck: ${why}`, {
    hint: '--shellcheck needs ShellCheck 0.7 or later',
    cause,
  });
}
