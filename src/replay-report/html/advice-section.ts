// Advice as HTML: the patch, what it would have saved, and why other changes are not offered.
import type { Advice, Offer } from '../advice/advice.ts';
import { patchLines } from '../advice/advice-text.ts';
import { countText, timeText } from '../figures.ts';
import { escapeHtml } from './escape.ts';

export function adviceHtml(advice: readonly Advice[]): string {
  return advice
    .map(({ variant, offers, refusals }) => {
      const none = offers.length === 0 ? '<p>No other order of it would have saved time.</p>' : '';
      const list = refusals.map((text) => `<li>${escapeHtml(text)}</li>`).join('');
      const [best, ...others] = offers.map(offerHtml);
      const more =
        others.length === 0
          ? ''
          : `<details><summary>${countText(others.length, 'smaller change')}, each by itself</summary>${others.join('')}</details>`;
      return `<h3><code>${escapeHtml(variant)}</code></h3>${none}${best ?? ''}${more}
${list === '' ? '' : `<details><summary>What is not offered, and why</summary><ul>${list}</ul></details>`}`;
    })
    .join('\n');
}

function offerHtml({ title, patch, seconds, rebuilds, shorter, note }: Offer): string {
  return `<p><strong>${escapeHtml(title)}.</strong> Foretold: <strong class="good">${timeText(seconds)}</strong> less over ${countText(rebuilds, 'rebuild')}; ${shorter} of them shorter.</p>
${note === '' ? '' : `<p class="faint">${escapeHtml(note)}</p>`}
<pre tabindex="0" aria-label="Patch"><code>${patchLines({ patch }).map(patchLine).join('')}</code></pre>`;
}

function patchLine(line: string): string {
  const text = line.split('\t').map(escapeHtml).join('\t');
  if (/^\+(?!\+\+ )/.test(line)) return `<ins>${text}</ins>`;
  if (/^-(?!-- )/.test(line)) return `<del>${text}</del>`;
  return `${text}\n`;
}
