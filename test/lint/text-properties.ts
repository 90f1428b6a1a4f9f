// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the language under test writes variables so.
// What holds of linting and mending whatever the text is: nothing is thrown, places lie in the text, mending ends, leaves
// nothing that it could mend, and changes nothing that it does not mean to.
import { expandWord } from '../../src/dockerfile/expand.ts';
import type { Instruction } from '../../src/dockerfile/instruction.ts';
import { parseTolerant } from '../../src/dockerfile/parse-tolerant.ts';
import type { SourceRange } from '../../src/errors.ts';
import { type FixLevel, fixText, isWanted } from '../../src/lint/fix-text.ts';
import { lintText, syntaxCode } from '../../src/lint/lint-text.ts';
import type { Finding } from '../../src/lint/rule.ts';

const same = (what: string, one: unknown, other: unknown): string[] => {
  const [left, right] = [JSON.stringify(one), JSON.stringify(other)];
  return left === right ? [] : [`${what}: ${left} became ${right}`];
};

/** What does not hold of a text; nothing where all does. */
export function brokenProperties(text: string): string[] {
  try {
    return [
      ...misplaced(text),
      ...(['safe', 'all'] as const).flatMap((level) => mending(text, level).map((one) => `${level}: ${one}`)),
    ];
  } catch (error) {
    return [`thrown: ${(error as Error).stack}`];
  }
}

/** Findings that are not in the text, under each of the ways to look at it. */
function misplaced(text: string): string[] {
  const lengths = text.split('\n').map(({ length }) => length + 1);
  const isIn = ({ line, column }: SourceRange['start']) =>
    line >= 1 &&
    column >= 1 &&
    column <= Math.max(1, lengths[line - 1] ?? (line === lengths.length + 1 ? 1 : 0));
  const isSound = ({ range: { start, end } }: Finding) =>
    isIn(start) &&
    isIn(end) &&
    (start.line < end.line || (start.line === end.line && start.column <= end.column));
  return [undefined, 'hadolint' as const, 'buildkit' as const].flatMap((compat) =>
    lintText(text, 'Dockerfile', { compat })
      .filter((finding) => !isSound(finding))
      .map(({ rule, range }) => `${compat}: ${rule} at ${JSON.stringify(range)}`),
  );
}

function mending(text: string, level: FixLevel): string[] {
  const { text: mended, before, findings } = fixText(text, 'Dockerfile', { level });
  const errors = (list: readonly Finding[]) => list.filter(({ rule }) => rule === syntaxCode).length;
  const left = findings.filter(({ fix }) => isWanted(fix, level)).map(({ rule }) => rule);
  const breaks = /(?<!\r)\n/;
  return [
    ...same('left to mend', [], left),
    ...same('mended again', mended, fixText(mended, 'Dockerfile', { level }).text),
    ...same(
      'findings',
      findings.map(({ rule, range }) => [rule, range]),
      lintText(mended, 'Dockerfile').map(({ rule, range }) => [rule, range]),
    ),
    ...(errors(findings) > errors(before)
      ? [`${errors(findings)} syntax errors, not ${errors(before)}`]
      : []),
    ...(text.includes('\n') && !breaks.test(text) && breaks.test(mended) ? ['line breaks changed'] : []),
    ...(text.endsWith('\n') && !mended.endsWith('\n') ? ['the last line has lost its end'] : []),
    ...(level === 'safe'
      ? same('comments', comments(text), comments(mended))
      : same('comments', commentsOutside(text), shared(commentsOutside(text), comments(mended)))),
    // What could not be parsed may be a FROM line.
    ...(errors(findings) === errors(before)
      ? same('stages', stagesOf(text, level), stagesOf(mended, level))
      : []),
    ...(level === 'safe' ? same('instructions', meanings(text), meanings(mended)) : []),
  ];
}

/** What FROM lines name. A misspelt variable there may be suggested to be another one. */
const stagesOf = (text: string, level: FixLevel) =>
  parseTolerant(text, 'Dockerfile').dockerfile.instructions.flatMap((one) =>
    one.keyword === 'FROM'
      ? [[level === 'all' ? one.image.toLowerCase().replace(/\$.*/, '$') : one.image.toLowerCase(), one.name]]
      : [],
  );

/** What a safe fix leaves of an instruction. */
function meaning(instruction: Instruction, sign: '\\' | '`'): string {
  const value = (word: string) => {
    try {
      return expandWord(word, (name) => `<${name}>`, { escape: sign });
    } catch {
      return word;
    }
  };
  switch (instruction.keyword) {
    case 'MAINTAINER':
      return `LABEL ${instruction.value.replace(/^"([^"]*)"$/, '$1')}`;
    case 'LABEL':
      if (instruction.pairs[0]!.key === 'org.opencontainers.image.authors')
        return `LABEL ${value(instruction.pairs[0]!.value)}`;
      return `LABEL ${JSON.stringify(instruction.pairs.map((pair) => [value(pair.key), value(pair.value)]))}`;
    case 'ENV':
      return `ENV ${JSON.stringify(instruction.pairs.map((pair) => [value(pair.key), value(pair.value)]))}`;
    case 'FROM':
      return `FROM ${instruction.image.toLowerCase()} ${instruction.name}`;
    case 'ADD':
    case 'COPY':
      return `COPY ${instruction.sources} ${instruction.from?.toLowerCase()} ${instruction.chown}`;
    case 'RUN':
    case 'ONBUILD':
    case 'CMD':
    case 'ENTRYPOINT':
    case 'HEALTHCHECK':
    case 'EXPOSE':
    case 'WORKDIR':
      return instruction.keyword;
    default:
      return instruction.keyword + instruction.text.slice(instruction.written.length).trim();
  }
}

const meanings = (whole: string) => {
  const { dockerfile } = parseTolerant(whole, 'Dockerfile');
  return dockerfile.instructions.map((instruction) => meaning(instruction, dockerfile.escape));
};
const comments = (whole: string) => whole.match(/^[ \t]*#.*$/gm) ?? [];

/** What both have. */
const shared = (list: readonly string[], other: readonly string[]) =>
  list.filter((one) => other.includes(one));

/** Those within an instruction go with it where it is taken out. */
function commentsOutside(whole: string): string[] {
  const lines = whole.split('\n');
  for (const { range } of parseTolerant(whole, 'Dockerfile').dockerfile.instructions)
    lines.fill('', range.start.line - 1, range.end.line);
  return comments(lines.join('\n'));
}
