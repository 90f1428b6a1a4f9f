// The Dockerfiles of bake and Compose files, for `slipway lint`.
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isSlipwayError } from '../../errors.ts';
import {
  type BakedDockerfile,
  type Finding,
  formatPlatform,
  localPlatform,
  readBakedDockerfiles,
} from '../../index.ts';
import type { Session } from '../session.ts';
import type { LintInputFile } from './lint-inputs.ts';
import { readText } from './read-bake-files.ts';

/** Those that stand in a file, and the paths of those that it names; a file that can't be read is a finding. */
export async function readBaked(
  { name, text, path }: LintInputFile & { path: string },
  session: Session,
): Promise<{ inputs: LintInputFile[]; paths: { path: string; args: Record<string, string> }[] }> {
  const folder = dirname(path);
  let baked: BakedDockerfile[];
  try {
    baked = await readBakedDockerfiles({
      files: [{ name, text }],
      names: [],
      overrides: [],
      vars: {},
      env: session.env,
      dotEnv: /\.ya?ml$/i.test(name) ? readText(join(folder, '.env'), session) : undefined,
      localPlatform: formatPlatform(localPlatform(process)),
      now: session.now(),
    });
  } catch (error) {
    if (!isSlipwayError(error)) throw error;
    return { inputs: [{ name, text, path, failure: failureOf(error) }], paths: [] };
  }
  const inputs = baked.flatMap((one): LintInputFile[] =>
    one.text === undefined
      ? []
      : [
          {
            name,
            path,
            text: one.text,
            args: one.args,
            outer: { text, locate: one.locate, isVerbatim: one.isVerbatim },
          },
        ],
  );
  const paths = baked.flatMap(({ path: own, args }) => {
    const full = own === undefined ? undefined : resolve(folder, own);
    return full !== undefined && existsSync(full) ? [{ path: full, args }] : [];
  });
  return { inputs, paths };
}

function failureOf({
  message,
  hint,
  place,
}: {
  message: string;
  hint?: string | undefined;
  place?: { range: Finding['range'] } | undefined;
}): Finding {
  const range = place?.range ?? { start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };
  const whole = hint === undefined ? message : `${message}: ${hint}`;
  return { rule: 'DL1000', message: whole, range, severity: 'error', line: range.start.line };
}

/** A finding in an inline Dockerfile as one of the outer file. Fixes stay where the lines are the same in both. */
export function toOuter(
  finding: Finding,
  { locate, isVerbatim }: NonNullable<LintInputFile['outer']>,
): Finding {
  const { fix, ...rest } = finding;
  const range = locate(finding.range);
  const at = { line: finding.line, column: 1 };
  const moved = { ...rest, range, line: locate({ start: at, end: at }).start.line };
  const edits = fix?.edits ?? [];
  const fits = edits.every(
    ({ range: { start, end }, text }) =>
      start.line === end.line && isVerbatim(start.line) && !/[\n"\\$]/.test(text),
  );
  if (fix === undefined || !fits) return moved;
  return { ...moved, fix: { ...fix, edits: edits.map((edit) => ({ ...edit, range: locate(edit.range) })) } };
}
