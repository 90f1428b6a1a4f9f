// SW011: flags that their programs have given up.
import { fixOf } from '../../fixes/parts.ts';
import { hasWord } from '../../shell/command.ts';
import { at, commandsOf, type LintRule } from '../dl/walk.ts';

interface OldFlag {
  programs: readonly string[];
  /** One of these words is there, too. */
  verbs: readonly string[];
  flags: readonly string[];
  /** What does it now; empty: nothing is needed. */
  now: string;
  /** Every release that knows the old one knows the new one. */
  isSafe?: true;
}

const nodeVerbs = ['install', 'i', 'ci', 'prune', 'add'];

const old: readonly OldFlag[] = [
  {
    programs: ['npm'],
    verbs: nodeVerbs,
    flags: ['--production', '--only=production', '--only=prod'],
    now: '--omit=dev',
  },
  { programs: ['gem'], verbs: ['install', 'update'], flags: ['--no-rdoc', '--no-ri'], now: '--no-document' },
  {
    programs: ['apt-get'],
    verbs: ['install', 'upgrade', 'dist-upgrade'],
    flags: ['--force-yes'],
    now: '--allow-downgrades --allow-remove-essential --allow-change-held-packages',
  },
  {
    programs: ['composer'],
    verbs: ['install', 'update', 'require'],
    flags: ['--no-suggest'],
    now: '',
    isSafe: true,
  },
  { programs: ['poetry'], verbs: ['install'], flags: ['--no-dev'], now: '--only main' },
];

export const sw011: LintRule = {
  code: 'SW011',
  name: 'OldFlag',
  family: 'slipway',
  description: 'Commands should be called with flags that their programs still know',
  severity: 'info',
  scope: 'instruction',
  on: old.flatMap(({ programs }) => programs),
  *check(file) {
    for (const { programs, verbs, flags, now, isSafe } of old) {
      for (const { step, command } of commandsOf(file, programs)) {
        const found = command.words.filter(({ text }) => flags.includes(text));
        const [first] = found;
        if (first === undefined || !hasWord(command, ...verbs)) continue;
        const way = now === '' ? 'leave it away' : `write ${now}`;
        const message = `${found.map(({ text }) => text).join(' ')} is given up by ${command.name}: ${way}`;
        // Of several that have become one, the first is replaced.
        const known = now !== '' && hasWord(command, now);
        const edits = found.map((word, index) => {
          const next = index === 0 && !known ? now : '';
          const at = command.words.indexOf(word);
          const before = at === 0 ? command.nameRange().end : command.rangeOf(command.words[at - 1]!).end;
          const range = command.rangeOf(word);
          const isJoined = next === '' && before.line === range.start.line;
          return { range: isJoined ? { start: before, end: range.end } : range, text: next };
        });
        const fix = command.isEditable ? fixOf(isSafe ? 'safe' : 'suggested', way, ...edits) : undefined;
        yield { ...at(step, message, command.rangeOf(first)), fix };
      }
    }
  },
};
