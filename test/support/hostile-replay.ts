// A made replay whose every foreign word tries to be markup, a terminal's command, or another direction of writing.
import type { ReplayResult } from '../../src/replay/replay-result.ts';
import { madeReplay } from './made-replay.ts';

/** Stands in each word, so that a test can tell that it is shown. */
export const mark = 'Zq9';

export const hostileWords = [
  `</script><script>document.title='${mark}'</script>`,
  `<img src=x onerror="document.title='${mark}'">`,
  `${mark}\u001b]0;owned\u0007\u001b[31mred`,
  `${mark}"'><svg onload=alert(1)>`,
  `${mark}\u202egnp.exe\u2066`,
  `${mark} | a \`\`\` b | [x](javascript:alert(1)) @everyone #1`,
  `${mark}<!--${'`'.repeat(3)}\r\n\n# heading`,
  `__proto__`,
  `${mark}\ud800&lt;`,
];

/** What `madeReplay` gives, with names of its paths, subjects, instructions and reasons like those. */
export function hostileReplay(words: readonly string[] = hostileWords, commits = 20): ReplayResult {
  const result = structuredClone(madeReplay({ commits }));
  const word = (at: number): string => words[at % words.length]!;
  for (const [which, variant] of result.variants.entries()) {
    variant.name = `${word(which)}${which}`;
    const { instructions, hints, wastedPaths } = variant.layers!;
    for (const [at, instruction] of instructions.entries()) instruction.text = `RUN ${word(at)}`;
    wastedPaths.items = words.map((path) => ({ path, copies: 2, bytes: 100 }));
    hints.push(...words.map((text) => ({ ...hints[0]!, text })));
    hints.reverse();
    for (const [at, build] of variant.builds.entries()) {
      if (build.change.type === 'commit') build.change.subject = word(at);
      for (const [index, step] of build.steps.entries()) {
        if (step.type !== 'image') step.name = `[1/2] RUN ${word(index)}${index}`;
        step.reasons = step.reasons.map((_, one) => word(at + one));
        for (const cause of step.causes)
          if (cause.kind === 'file') cause.path = `${word(cause.path.length)}${cause.path}`;
      }
    }
  }
  result.settings.flags = [...words];
  result.settings.context = word(0);
  result.settings.history = { type: 'commits', range: word(1) };
  result.machine.cpu = word(3);
  return result;
}
