// What COPY and ADD take from the context, and where it goes.
import { basename, join } from 'node:path/posix';
import type { CopyInstruction } from '../../../dockerfile/instruction.ts';
import { folderAbove } from '../../fixes/folder.ts';
import type { LintFile, LintStep } from '../../lint-file.ts';
import { isOneOf, unquote } from '../dl/walk.ts';

export type CopyStep = LintStep<CopyInstruction>;

/** COPY and ADD of files of the context. */
export function isContextCopy(step: LintStep): step is CopyStep {
  return isOneOf(step, ['COPY', 'ADD']) && step.instruction.from === undefined;
}

/** Of the whole context. */
export function copiesAll({ instruction: { sources } }: CopyStep): boolean {
  return sources.some((source) => /^(?:\.\/?|\.?\/?\*|\/)$/.test(unquote(source)));
}

/** Absolute; undefined where it depends on a variable, or on a base image. */
export function absolutePath(step: LintStep, written: string, file: LintFile): string | undefined {
  const path = unquote(written);
  if (/[$\\`]/.test(path)) return undefined;
  if (path.startsWith('/')) return join('/', path);
  const folder = folderAbove(step, file);
  return folder === undefined ? undefined : join(folder, path);
}

/** The paths that a COPY makes, as far as names tell: the destination, and in it the sources. */
export function copiedPaths(step: CopyStep, file: LintFile): string[] {
  const { sources, destination } = step.instruction;
  const target = absolutePath(step, destination, file);
  if (target === undefined) return [];
  const names = sources
    .map((source) => basename(unquote(source)))
    .filter((name) => !/[$*?[]|^\.*$/.test(name));
  const folder = target.replace(/(?<=.)\/$/, '');
  return [folder, ...names.map((name) => join(folder, name))];
}
