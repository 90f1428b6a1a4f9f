// Looks for orders of a Dockerfile that would have saved time, and offers those of which a foretelling proves it.
import { basename } from 'node:path/posix';
import { readLintFile } from '../../lint/lint-file.ts';
import type { ReplayResult, ReplayVariant } from '../../replay/replay-result.ts';
import { counted } from '../counted.ts';
import { timeText } from '../figures.ts';
import { isMiss } from '../step-rows.ts';
import type { Advice, Offer } from './advice.ts';
import type { Candidate, Candidates } from './candidate.ts';
import { copyMoves } from './copy-moves.ts';
import { costOf, type Foretold, type Prices, pricesOf } from './price.ts';
import { variableMoves } from './variable-moves.ts';

export interface AdviceOptions {
  /** A dry replay of the same history, with this text as the Dockerfile of its only variant. */
  foretell(dockerfile: string): Promise<ReplayResult>;
  /** Two texts of a file as a unified diff. */
  diff(before: string, after: string, name: string): string;
  signal?: AbortSignal | undefined;
}

/** Changes that one offer puts together, and foretellings that are asked for. */
const mostChanges = 4;
const mostForetellings = 16;
/** Less is not worth a change. */
const leastSeconds = 0.1;

/** @param variant as it was replayed: of it are the times of the steps */
export async function adviseOn(variant: ReplayVariant, options: AdviceOptions): Promise<Advice> {
  const { name, dockerfile } = variant;
  const advice: Advice = { variant: name, offers: [], refusals: [] };
  if (dockerfile === '' || counted(variant).every(({ misses }) => misses === 0)) return advice;
  const first = thoughtOf(dockerfile, variant);
  advice.refusals.push(...first.refusals);
  if (first.candidates.length === 0) return advice;
  const base = only(await options.foretell(dockerfile));
  const prices = pricesOf(variant, base);
  const before = costOf(base, prices);
  if (before === undefined) {
    advice.refusals.push('nothing can be offered: what its rebuilds cost as it is is not known');
    return advice;
  }
  const search: Search = {
    variant,
    before,
    prices,
    options,
    left: mostForetellings,
    refusals: advice.refusals,
  };
  const tried = await tryAll(first.candidates, search);
  const [best] = tried;
  if (best === undefined) return advice;
  const whole = await extend(best, search);
  if (whole !== best) tried.unshift(whole);
  const asItIs = { dockerfile, name, before };
  advice.offers.push(...tried.map((one) => offer(one, asItIs, options)));
  return advice;
}

interface Tried extends Candidate {
  cost: Foretold;
}

interface Search {
  variant: ReplayVariant;
  before: Foretold;
  prices: Prices;
  options: AdviceOptions;
  /** Foretellings that may still be asked for. */
  left: number;
  refusals: string[];
}

function thoughtOf(text: string, variant: ReplayVariant): Candidates {
  const file = readLintFile(text, variant.name, {});
  if (file.errors.length > 0) return { candidates: [], refusals: [] };
  const all = [copyMoves(file), variableMoves(file, variablesOf(variant))];
  return {
    candidates: all.flatMap(({ candidates }) => candidates),
    refusals: all.flatMap(({ refusals }) => refusals),
  };
}

/** Those that made steps run again. */
function variablesOf(variant: ReplayVariant): string[] {
  const steps = counted(variant).flatMap(({ steps: all }) => all.filter(isMiss));
  return [
    ...new Set(
      steps.flatMap(({ causes }) => causes.flatMap((cause) => (cause.kind === 'variable' ? cause.name : []))),
    ),
  ];
}

/** Those that save, the best first. */
async function tryAll(candidates: readonly Candidate[], search: Search): Promise<Tried[]> {
  const { before, prices, options, refusals } = search;
  const tried: Tried[] = [];
  for (const candidate of candidates) {
    options.signal?.throwIfAborted();
    if (search.left-- <= 0) break;
    const foretold = only(await options.foretell(candidate.text));
    const failed = foretold.builds.find(({ outcome }) => outcome === 'failed');
    const cost = costOf(foretold, prices);
    if (failed !== undefined) refusals.push(`${candidate.title}: a build would fail: ${failed.error}`);
    else if (cost === undefined)
      refusals.push(`${candidate.title}: how long its steps would take is not known`);
    else if (before.seconds - cost.seconds < leastSeconds)
      refusals.push(
        `${candidate.title}: it would have saved ${timeText(Math.max(0, before.seconds - cost.seconds))}`,
      );
    else tried.push({ ...candidate, cost });
  }
  return tried.sort((a, b) => a.cost.seconds - b.cost.seconds);
}

/** The best with others on top of it, as long as they save more. */
async function extend(best: Tried, search: Search): Promise<Tried> {
  let whole = best;
  for (let round = 1; round < mostChanges && search.left > 0; round++) {
    const { candidates } = thoughtOf(whole.text, search.variant);
    const quiet = { ...search, before: whole.cost, refusals: [] };
    const [next] = await tryAll(candidates, quiet);
    search.left = quiet.left;
    if (next === undefined) break;
    const note = [...new Set([whole.note, next.note])].filter(Boolean).join(' ');
    whole = {
      ...next,
      title: `${whole.title}; ${next.title.replace(/^./, (sign) => sign.toLowerCase())}`,
      note,
    };
  }
  return whole;
}

function offer(
  { title, text, note, cost }: Tried,
  { dockerfile, name, before }: { dockerfile: string; name: string; before: Foretold },
  { diff }: AdviceOptions,
): Offer {
  return {
    title: title.replace(/ \(line \d+\)/g, ''),
    // A patch of an absolute path is one that no tool applies.
    patch: diff(dockerfile, text, name.startsWith('/') ? basename(name) : name),
    dockerfile: text,
    seconds: before.seconds - cost.seconds,
    rebuilds: before.rebuilds.length,
    shorter: before.rebuilds.filter((seconds, at) => seconds - (cost.rebuilds[at] ?? seconds) > 1e-9).length,
    note,
  };
}

function only({ variants }: ReplayResult): ReplayVariant {
  const [variant] = variants;
  if (variant === undefined) throw new Error('a foretelling has one variant');
  return variant;
}
