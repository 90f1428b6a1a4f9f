// What `slipway lint --fix` and `--diff` do with a file beside reporting it.
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { SlipwayError, systemCode } from '../../errors.ts';
import type { Finding, FixedText, FixLevel } from '../../index.ts';

export interface FixPlan {
  level: FixLevel;
  /** Nothing is written; what would change is printed. */
  diff: boolean;
}

/** Undefined where nothing is to be mended. */
export function readFixPlan({
  booleans: { fix = false, diff = false },
  texts,
}: {
  booleans: { fix?: boolean; diff?: boolean };
  texts: { fix?: string };
}): FixPlan | undefined {
  return fix || diff ? { level: texts.fix === 'all' ? 'all' : 'safe', diff } : undefined;
}

/**
 * What is said in the end: what was mended of what was found, and what more could be.
 * @param reported what is reported of all files, those that can't be mended among them.
 */
export function fixSummary(
  files: readonly FixedText[],
  reported: readonly { findings: readonly Finding[] }[],
  { level, diff }: FixPlan,
): string {
  // Mending may bring to light what was hidden: what apt was asked for, once it is apt-get.
  const fixed = files.reduce(
    (sum, { before, findings }) => sum + Math.max(before.length - findings.length, 0),
    0,
  );
  const found = reported.reduce((sum, { findings }) => sum + findings.length, diff ? 0 : fixed);
  const left = files.flatMap(({ findings }) => findings).filter(({ fix }) => fix?.safety === 'suggested');
  const more = level === 'safe' && left.length > 0 ? `; --fix=all mends ${left.length} more` : '';
  return `${diff ? 'would fix' : 'fixed'} ${fixed} of ${found}${more}\n`;
}

/**
 * Replaces a file in one step; mode and owner stay, and a link goes on leading to it.
 * @param before what it held when it was read. @throws ERR_CONTEXT
 */
export function replaceFile(
  path: string,
  { name, before, after }: { name: string; before: string; after: string },
): void {
  let temporary: string | undefined;
  try {
    const target = realpathSync(path);
    if (!readFileSync(target).equals(Buffer.from(before))) {
      throw new SlipwayError('ERR_CONTEXT', `${name} is not mended: it changed, or is no UTF-8`, {
        hint: 'lint it again',
      });
    }
    const { mode, uid, gid } = statSync(target);
    const unfinished = `${target}.${process.pid}.${randomBytes(6).toString('hex')}`;
    const file = openSync(unfinished, 'wx', 0o600);
    temporary = unfinished;
    try {
      writeFileSync(file, after);
      keepOwner(() => fchownSync(file, uid, gid));
      fchmodSync(file, mode & 0o7777);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(unfinished, target);
  } catch (cause) {
    if (temporary !== undefined) rmSync(temporary, { force: true });
    if (cause instanceof SlipwayError) throw cause;
    throw new SlipwayError('ERR_CONTEXT', `${name} can't be written: ${systemCode(cause) ?? 'unknown'}`, {
      hint: '--diff prints what would change',
      cause,
    });
  }
}

/** Who may write a file that belongs to somebody else makes it their own. */
function keepOwner(change: () => void): void {
  try {
    change();
  } catch (error) {
    if (systemCode(error) !== 'EPERM') throw error;
  }
}

/** Writes a file that was not there. @throws ERR_CONTEXT where it is there by now, or can't be written */
export function createFile(path: string, { name, text }: { name: string; text: string }): void {
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (cause) {
    throw new SlipwayError('ERR_CONTEXT', `${name} can't be written: ${systemCode(cause) ?? 'unknown'}`, {
      hint: '--diff prints what would be in it',
      cause,
    });
  }
}
