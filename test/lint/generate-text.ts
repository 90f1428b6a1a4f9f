// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the language under test writes variables so.
// Dockerfiles made up from a seed: instructions out of the rules' own examples, put together and then spoilt.
import { parseTolerant } from '../../src/dockerfile/parse-tolerant.ts';
import { createRandom, type Random } from '../support/random.ts';
import { checkCases } from './check-cases.ts';
import { dlCases } from './dl-cases.ts';
import { scCases } from './sc-cases.ts';
import { swCases } from './sw-cases.ts';

const own = [
  ...[
    'env a b c',
    'LABEL k \'v w\' "x" y',
    'ENV a ${b:-c d} e',
    'maintainer "a" $b',
    'expose 80/TCP 1:2/Udp',
  ],
  ...['cmd a \\\n # c\n b', 'RUN a \\\n\n\n b', 'from a:1 AS X', 'FROM x As y', 'COPY --from=X a b c'],
  ...['WORKDIR a/../b', '# c', '#', '', '  ', '\t# d', 'ENTRYPOINT exec a', 'HEALTHCHECK CMD a b', 'ADD a b'],
  ...['ONBUILD run apk add a', 'USER root', 'RUN <<E\na\nb\nE', 'COPY <<A <<B /x/\na\nA\nb\nB', 'ARG V=1 W'],
  ...[
    '# hadolint ignore=DL3008',
    '# check=skip=all',
    '# hadolint shell=/bin/bash',
    'SHELL ["/bin/bash", "-c"]',
  ],
  ...[
    "RUN <<-'E' bash\n\ta | b\n\tE",
    'RUN a && \\\n  # why\n  apt-get install b \\\n    c',
    'RUN a; apt-get update',
  ],
];

const examples = [
  ...new Set([
    ...Object.values({ ...dlCases, ...swCases, ...scCases }).flatMap(({ hits, clean }) => [
      ...hits.map(([text]) => text),
      ...clean,
    ]),
    ...Object.values(checkCases).flatMap(({ hits, clean }) => [...hits, ...clean].map(([text]) => text)),
    ...own,
  ]),
];

/** What no builder takes, each on a line of its own. */
export const mistakes = [
  ...[
    'NOPE a',
    'COPY a',
    'FROM',
    'FROM a:1 AS',
    'EXPOSE',
    'ENV',
    'ENV =b',
    'WORKDIR',
    'LABEL',
    'USER',
    'VOLUME',
  ],
  ...[
    'RUN --mount=type=none a',
    'RUN --nope a',
    'COPY --nope=1 a b',
    'HEALTHCHECK a',
    'SHELL bash',
    'STOPSIGNAL',
    'STOPSIGNAL NONE',
    'EXPOSE web',
    'COPY --chmod=x a b',
  ],
  ...['ONBUILD', 'ADD --checksum a b', 'ARG', 'ENV a="b', 'COPY --from a b'],
];

const pieces = [
  ...[
    '"',
    "'",
    '\\',
    '\\\n',
    '`',
    ' ',
    '\n',
    '\n\n',
    '$',
    '${',
    '}',
    '{',
    '\t',
    'é',
    '𝒳',
    '\u2028',
    '#',
    '\n# x\n',
  ],
  ...[
    '<<E',
    '\nE\n',
    '|',
    '&&',
    ';',
    '(',
    ')',
    '[',
    ']',
    '[[',
    '--',
    '=',
    ',',
    '$(',
    '\r',
    '\0',
    '\x1b[2J',
    '<',
    '>',
  ],
];

/** A text with no more of a pattern than there may be: FROM at its top, some instructions, and what spoils them. */
export function generateText(seed: number): string {
  const random = createRandom(seed);
  const parts = Array.from({ length: 1 + random.number(9) }, () => random.pick(examples));
  const top = random.pick([
    '',
    '',
    '',
    '# escape=`\n',
    '\ufeff',
    '# check=skip=DL4000\n',
    'ARG A=1\n',
    '# syntax=a\n',
  ]);
  const from = random.chance(90) ? `${random.pick(['FROM a:1', 'from debian', 'FROM a:1 AS B'])}\n` : '';
  let text = `${top}${from}${parts.join('\n')}${random.chance(70) ? '\n' : ''}`;
  if (random.chance(20)) text = spread(text, random);
  if (random.chance(60)) for (let left = 1 + random.number(4); left > 0; left--) text = spoil(text, random);
  return random.chance(25) ? text.replace(/\r?\n/g, '\r\n') : text;
}

/** Blanks within a line become continued lines, some with a comment or nothing between. */
function spread(text: string, random: Random): string {
  const between = ['\\\n', ' \\\n    ', ' \\\n# why\n  ', ' \\\n\n  ', '  '];
  return text.replace(/(?<=\S) (?=[a-z])/g, (blank) => (random.chance(15) ? random.pick(between) : blank));
}

function spoil(text: string, random: Random): string {
  const at = random.number(text.length + 1);
  const lines = text.split('\n');
  const line = random.number(lines.length);
  switch (random.number(7)) {
    case 0:
      return text.slice(0, at) + text.slice(at + 1 + random.number(6));
    case 1:
      return text.slice(0, at) + random.pick(pieces) + text.slice(at);
    case 2:
      return lines.toSpliced(line, 1).join('\n');
    case 3:
      return lines.toSpliced(line, 0, random.pick(lines)).join('\n');
    case 4:
      return lines.toSpliced(line, 0, random.pick(mistakes)).join('\n');
    case 5:
      return lines.toSpliced(line, 1, lines[line]!.toUpperCase()).join('\n');
    default:
      return text.slice(0, at) + random.pick(pieces) + text.slice(at + 1 + random.number(2));
  }
}

const whole = examples.filter((text) => {
  const { errors, located } = parseTolerant(`FROM a:1\n${text}\n`, 'Dockerfile');
  return errors.length === 0 && located.length > 1 && !/[\\`]\s*$/.test(text);
});

/** A text of whole instructions with mistakes between them, and the lines of these and of a `RUN sudo` behind each. */
export function generateMistakes(seed: number): { text: string; wrong: number[]; found: number[] } {
  const random = createRandom(seed);
  const lines = ['FROM a:1'];
  const wrong: number[] = [];
  const found: number[] = [];
  for (let left = 1 + random.number(5); left > 0; left--) {
    lines.push(...random.pick(whole).split('\n'));
    wrong.push(lines.push(random.pick(mistakes)));
    if (random.chance(30)) lines.push(random.pick(['', '# why']));
    found.push(lines.push('RUN sudo canary'));
  }
  return { text: lines.join(random.pick(['\n', '\r\n'])), wrong, found };
}
