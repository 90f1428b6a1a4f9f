// `slipway context`: from the command line to a request, and from what a context holds to lines, JSON or an ignore file.
import { resolve } from 'node:path';
import { SlipwayError } from '../../errors.ts';
import type { ContextReport, Figures, IgnoreChange } from '../../index.ts';
import { parseArguments } from '../arguments.ts';
import { overBudget } from '../exit-code.ts';
import { harmless } from '../progress/harmless.ts';
import type { Session } from '../session.ts';
import { type Budget, isOver, parseBudgets } from './budget.ts';
import { engineOptions, perform, startProgress } from './build.ts';
import { contextFlags } from './context-flags.ts';
import { contextJson } from './context-json.ts';
import { overview, problemLines, unusedLines } from './context-text.ts';
import { whyLines } from './context-why.ts';
import { humanSize } from './images/human.ts';
import { safeFor } from './images/safe-text.ts';
import { createFile, replaceFile } from './lint-fix.ts';
import { chooseProgressMode } from './progress-mode.ts';
import { readBuildRequest } from './read-build-request.ts';
import { createSourceReader } from './read-source.ts';
import { unifiedDiff } from './unified-diff.ts';

/** @throws whatever the engine throws, and ERR_USAGE for the command line */
export async function runContext(argv: readonly string[], session: Session): Promise<void> {
  const given = parseArguments(contextFlags, argv, 'slipway context');
  session.failure.debug = given.booleans.debug ?? false;
  const budgets = parseBudgets(given.lists.budget ?? [], ['context', 'unused']);
  const depth = readDepth(given.texts.depth);
  const { fix = false, diff = false, json = false, unused = false } = given.booleans;
  const { positionals } = given;
  if (positionals.length > 1)
    throw new SlipwayError('ERR_USAGE', 'slipway context takes one context', {
      hint: 'slipway context ., or nothing for the current folder',
    });
  const request = readBuildRequest(
    { ...given, positionals: positionals.length === 0 ? ['.'] : positionals },
    session,
  );
  const source = createSourceReader(request);
  request.stdin = source.stdin;
  session.failure.readSource = source.read;
  const { progress: mode } = given.texts;
  const progress = startProgress(
    chooseProgressMode({ quiet: mode === undefined, progress: mode }, session),
    session,
  );
  const { createEngine } = await import('../../index.ts');
  const engine = createEngine(engineOptions(given, session));
  const query = { request, propose: fix || diff };
  const report = await perform({ session, progress }, (onEvent) =>
    engine.context(query, { signal: session.signal, onEvent }),
  );
  progress.finish({ status: 'done' });
  const why = given.lists.why ?? [];
  const isBySize = given.texts.sort === 'size';
  const print = (lines: readonly string[]): void => {
    session.stdout.write(lines.map((line) => `${harmless(line)}\n`).join(''));
  };
  if (json) session.stdout.write(contextJson(report, { depth, unused, why }));
  else if (why.length > 0) print(whyLines(report, why));
  else if (unused) print(unusedLines(report, isBySize));
  else if (!query.propose) print(overview(report, { depth, isBySize }));
  if (query.propose) propose(report, { diff, json, session });
  for (const line of json ? [] : problemLines(report)) session.stderr.write(`${harmless(line)}\n`);
  keepBudgets(report, budgets, session);
}

function readDepth(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new SlipwayError('ERR_USAGE', `--depth: ${JSON.stringify(text)} is no number of levels`, {
    hint: '--depth 2',
  });
}

/** What `--fix` and `--diff` do, in the manner of `slipway lint`. @throws ERR_CONTEXT */
function propose(
  { change, contexts }: ContextReport,
  { diff, json, session }: { diff: boolean; json: boolean; session: Session },
): void {
  if (!change) {
    session.stderr.write('nothing to leave out\n');
    return;
  }
  if (!diff) writeChange(change, session.cwd);
  else if (!json)
    session.stdout.write(
      safeFor(session.stdout, unifiedDiff(change.before ?? '', change.after, change.name)),
    );
  const { files, bytes } = contexts[0]!.unused;
  const what = `${files} file${files === 1 ? '' : 's'}, ${humanSize(bytes)}, that no step reads`;
  session.stderr.write(`${diff ? 'would leave out' : `${harmless(change.name)} leaves out`} ${what}\n`);
}

function writeChange({ path, name, before, after }: IgnoreChange, cwd: string): void {
  const target = resolve(cwd, path);
  if (before === undefined) createFile(target, { name, text: after });
  else replaceFile(target, { name, before, after });
}

/** All contexts together. @throws ERR_CHECK, with an exit code of its own */
function keepBudgets({ contexts }: ContextReport, budgets: readonly Budget[], session: Session): void {
  const sum = (part: (context: (typeof contexts)[number]) => Figures): number =>
    contexts.reduce((bytes, context) => bytes + part(context).bytes, 0);
  const kept = sum((context) => context.kept);
  const unused = sum((context) => context.unused);
  const exceeded = budgets.filter(({ name, limit }) =>
    isOver(limit, name === 'context' ? kept : unused, kept),
  );
  if (exceeded.length === 0) return;
  session.failure.errorCode = overBudget;
  const texts = exceeded.map(
    ({ name, text }) => `${text}, and it is ${humanSize(name === 'context' ? kept : unused)}`,
  );
  throw new SlipwayError('ERR_CHECK', `the context is over its budget: ${texts.join('; ')}`, {
    hint: 'slipway context --unused --sort=size lists what no step reads, and --fix leaves it out',
  });
}
