// Advice as lines for a terminal, and as Markdown.
import { codeSpan, escapeText } from '../code-span.ts';
import { countText, timeText } from '../figures.ts';
import { plainText } from '../plain-text.ts';
import type { Advice, Offer } from './advice.ts';

/** The best one whole, others by their titles; without line ends. */
export function adviceLines(advice: readonly Advice[]): string[] {
  return advice.flatMap(({ variant, offers, refusals }) => {
    const [best, ...others] = offers;
    if (best === undefined && refusals.length === 0) return [];
    const lines = ['', plainText(`Advice for ${variant}`)];
    if (best === undefined) lines.push('  No other order of it is known to save time.');
    else {
      lines.push(`  ${plainText(best.title)}: ${savingText(best)}.`);
      if (best.note !== '') lines.push(`  ${plainText(best.note)}`);
      lines.push('', ...patchLines(best), '');
    }
    lines.push(...others.map((one) => `  Or: ${plainText(one.title)}: ${savingText(one)}.`));
    lines.push(...refusals.map((text) => `  Not offered: ${plainText(text)}`));
    return lines;
  });
}

/** '' where there is nothing to offer. */
export function adviceMarkdown(advice: readonly Advice[]): string {
  return advice
    .flatMap(({ variant, offers: [best] }) => {
      if (best === undefined) return [];
      const patch = patchLines(best).join('\n');
      const fence = '`'.repeat(Math.max(2, ...[...patch.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
      const note = best.note === '' ? '' : `\n\n${escapeText(best.note)}`;
      return [
        `### Advice for ${codeSpan(variant)}\n\n${codeSpan(best.title)}: ${escapeText(savingText(best))}.${note}\n\n${fence}diff\n${patch}\n${fence}`,
      ];
    })
    .join('\n\n');
}

/** `12 min 5 s less over 60 rebuilds, 54 of them shorter`. */
const savingText = ({ seconds, rebuilds, shorter }: Offer): string =>
  `${timeText(seconds)} less over ${countText(rebuilds, 'rebuild')}, ${shorter} of them shorter`;

/** Tabs stay: they are part of the patch. */
export const patchLines = ({ patch }: Pick<Offer, 'patch'>): string[] =>
  patch
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.split('\t').map(plainText).join('\t'));
