// COPYs that could stand below a RUN that does not need them: what it needs of them is copied in their place.

import type { SourceRange } from '../../errors.ts';
import { applyFixes } from '../../lint/apply-fixes.ts';
import type { Edit } from '../../lint/fix.ts';
import { argumentsOf, fixOf } from '../../lint/fixes/parts.ts';
import type { LintFile, LintStage, LintStep } from '../../lint/lint-file.ts';
import { isOneOf, unquote } from '../../lint/rules/dl/walk.ts';
import {
  absolutePath,
  type CopyStep,
  copiedPaths,
  copiesAll,
  isContextCopy,
} from '../../lint/rules/sw/copied.ts';
import { systemFolders } from '../../lint/rules/sw/slow.ts';
import type { Candidates } from './candidate.ts';
import { type RunKind, runKind } from './run-kind.ts';

/** One candidate for each RUN that stands below files that it does not need. */
export function copyMoves(file: LintFile): Candidates {
  const result: Candidates = { candidates: [], refusals: [] };
  for (const stage of file.stages) {
    for (const run of stage.steps) {
      if (!isOneOf(run, ['RUN'])) continue;
      const above = stage.steps.slice(0, stage.steps.indexOf(run));
      const copies = above
        .filter(isContextCopy)
        .filter(({ instruction }) => instruction.heredocs.length === 0);
      if (copies.length === 0) continue;
      const kind = runKind(run);
      const name = nameOf(run);
      if (kind.kind === 'unknown') {
        const all = copies.find(copiesAll);
        if (all !== undefined) result.refusals.push(`${name} stays below ${nameOf(all)}: ${kind.why}`);
        continue;
      }
      const moved: Moved[] = [];
      for (const copy of copies) {
        const verdict = judge(copy, run, { kind, stage, file });
        if (verdict === 'needed') continue;
        if (typeof verdict === 'string')
          result.refusals.push(`${nameOf(copy)} stays above ${name}: ${verdict}`);
        else moved.push(verdict);
      }
      if (moved.length > 0) result.candidates.push(candidate(moved, run, { kind, file }));
    }
  }
  return result;
}

interface Moved {
  copy: CopyStep;
  /** What is to be copied in its place. */
  manifests: readonly string[];
}

interface Where {
  kind: Exclude<RunKind, { kind: 'unknown' }>;
  stage: LintStage;
  file: LintFile;
}

/** Instructions that a COPY may be moved over, whatever they say: they change the image's config, or variables that it does not use. */
const neutral = [
  'ARG',
  'ENV',
  'LABEL',
  'EXPOSE',
  'CMD',
  'ENTRYPOINT',
  'STOPSIGNAL',
  'HEALTHCHECK',
  'USER',
  'SHELL',
] as const;

/** Where packages of a distribution put files; not `/usr/src/app`. */
const packagesWrite = /^\/(?:usr(?!\/src\/)|var|lib\w*|run|dev|boot|opt$)(?:\/|$)/;

/** `needed`: it is where it belongs. Another string: why nobody can know that it may be moved. */
function judge(copy: CopyStep, run: LintStep, { kind, stage, file }: Where): Moved | string {
  const { instruction } = copy;
  const isAll = copiesAll(copy);
  if (kind.kind === 'install' && !isAll && readsOf(copy, kind.install.manifests)) return 'needed';
  if (/[$\\`]/.test(instruction.text)) return 'it has variables in it';
  if (instruction.text.startsWith('[', argumentsOf(copy).from)) return 'it is written as JSON';
  const target = absolutePath(copy, instruction.destination, file);
  if (target === undefined) return 'no WORKDIR above says where its files go';
  if (target === '/' || systemFolders.test(target) || (kind.kind === 'system' && packagesWrite.test(target)))
    return `programs look for files in ${target}`;
  if (
    /(?:^|\/)(?:node_modules|vendor|target|\.venv|venv|\.git)(?:\/|$)/.test(
      copiedPaths(copy, file).join('\n'),
    )
  )
    return 'tools write there, too';
  for (const step of stage.steps.slice(stage.steps.indexOf(copy) + 1, stage.steps.indexOf(run))) {
    if (isOneOf(step, neutral)) continue;
    if (isOneOf(step, ['WORKDIR']) && unquote(instruction.destination).startsWith('/')) continue;
    if (isContextCopy(step) && !overlaps(step, copy, file)) continue;
    // What is of the context, too, and goes to the same place, is the same file.
    if (isContextCopy(step) && isAll && isSamePlace(step, copy, file)) continue;
    if (isOneOf(step, ['RUN']) && runKind(step).kind === 'system') continue;
    return `${nameOf(step)} stands between them and may need it`;
  }
  if (kind.kind === 'system') return { copy, manifests: [] };
  if (!isAll) return isFolderCopy(copy) ? { copy, manifests: [] } : 'it may be read as well';
  const { range, sources } = instruction;
  if (sources.length > 1 || range.start.line !== range.end.line)
    return 'it copies more than one thing, or has several lines';
  if (unquote(sources[0]!) === '/' || instruction.parents || instruction.keyword === 'ADD')
    return 'it is not a plain COPY';
  const earlier = stage.steps.slice(0, stage.steps.indexOf(copy)).filter(isContextCopy);
  const isThere = (name: string): boolean =>
    earlier.some(
      (one) =>
        one.instruction.sources.some((source) => unquote(source).replace(/^\.\//, '') === name) &&
        isSamePlace(one, copy, file),
    );
  return { copy, manifests: kind.install.manifests.filter((name) => !isThere(name)) };
}

/** Whether a COPY of named files brings one of the manifests, or what else a tool reads: a hidden file, a config. */
function readsOf(copy: CopyStep, manifests: readonly string[]): boolean {
  return copy.instruction.sources.some((source) => {
    const name = unquote(source).split('/').at(-1)!;
    return name.startsWith('.') || /[*?[]/.test(name) || /\.[a-z]+$/i.test(name) || manifests.includes(name);
  });
}

/** `COPY src ./src/`: names without an ending, which nothing installs from. */
const isFolderCopy = ({ instruction: { sources } }: CopyStep): boolean =>
  sources.every(
    (source) =>
      /^[\w./-]+$/.test(unquote(source)) &&
      !/^(?:Pipfile|Gemfile|Makefile|scripts|patches|packages|prisma)/.test(unquote(source)),
  );

/** Whether both could write one path. */
function overlaps(one: CopyStep, other: CopyStep, file: LintFile): boolean {
  const [a, b] = [one, other].map((copy) =>
    copiesAll(copy) || /[*?[]/.test(copy.instruction.sources.join())
      ? undefined
      : copiedPaths(copy, file).slice(1),
  );
  if (!a || !b || a.length === 0 || b.length === 0) return true;
  return a.some((path) =>
    b.some((another) => path === another || path.startsWith(`${another}/`) || another.startsWith(`${path}/`)),
  );
}

function isSamePlace(one: CopyStep, all: CopyStep, file: LintFile): boolean {
  const [a, b] = [one, all].map((copy) =>
    absolutePath(copy, copy.instruction.destination, file)?.replace(/(?<=.)\/$/, ''),
  );
  const isFlat = one.instruction.sources.every(
    (source) => !unquote(source).replace(/^\.\//, '').includes('/'),
  );
  const { chown, chmod } = all.instruction;
  return (
    a !== undefined && a === b && isFlat && one.instruction.chown === chown && one.instruction.chmod === chmod
  );
}

function candidate(
  moved: readonly Moved[],
  run: LintStep,
  { kind, file }: Pick<Where, 'kind' | 'file'>,
): Candidates['candidates'][number] {
  const eol = file.dockerfile.text.includes('\r\n') ? '\r\n' : '\n';
  const taken: Edit[] = moved.map(({ copy, manifests }) => ({
    range: linesOf(copy),
    text: manifests.length === 0 ? '' : `${manifestCopy(copy, manifests)}${eol}`,
  }));
  const lines = moved.flatMap(({ copy }) => {
    const { start, end } = linesOf(copy);
    return file
      .lines()
      .slice(start.line - 1, end.line - 1)
      .map((line) => line.replace(/\r$/, ''));
  });
  const behind = run.instruction.range.end.line + 1;
  const isLast =
    behind > file.lines().length || (behind === file.lines().length && file.lines().at(-1) === '');
  const { end } = run.instruction.range;
  const put: Edit =
    isLast && !file.dockerfile.text.endsWith('\n')
      ? { range: { start: end, end }, text: `${eol}${lines.join(eol)}` }
      : {
          range: { start: { line: behind, column: 1 }, end: { line: behind, column: 1 } },
          text: `${lines.join(eol)}${eol}`,
        };
  const names = [...new Set(moved.flatMap(({ manifests }) => manifests))];
  const rest = moved.map(({ copy }) => nameOf(copy)).join(' and ');
  const title =
    names.length > 0
      ? `Copy ${names.join(' and ')} above ${nameOf(run)}, and the rest below it`
      : `Move ${rest} below ${nameOf(run)}`;
  return {
    title,
    text: applyFixes(file.dockerfile.text, [fixOf('suggested', title, ...taken, put)]).text,
    note: noteOf(kind),
  };
}

function noteOf(kind: Where['kind']): string {
  if (kind.kind === 'system') return '';
  const { call, manifests } = kind.install;
  const more = kind.scripts ? ' Scripts that it runs (postinstall, prepare) may read other files.' : '';
  return `${call} is known to read ${manifests.join(' and ')}. If it reads more of this project, copy that above it, too.${more}`;
}

function manifestCopy(copy: CopyStep, manifests: readonly string[]): string {
  const { text } = copy.statement;
  const target = unquote(copy.instruction.destination).replace(/\/?$/, '/');
  return `${text.slice(0, argumentsOf(copy).from)}${manifests.join(' ')} ${target}`;
}

/** With the comments above it. */
function linesOf({ instruction: { range, comments } }: LintStep): SourceRange {
  return {
    start: { line: range.start.line - comments.length, column: 1 },
    end: { line: range.end.line + 1, column: 1 },
  };
}

/** `RUN npm ci (line 5)`. */
function nameOf({ instruction: { text, range } }: LintStep): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return `${line.length > 60 ? `${line.slice(0, 59)}…` : line} (line ${range.start.line})`;
}
