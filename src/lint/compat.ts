// hadolint's own view of a file: what it can't parse, and one finding a line for each rule.
import type { Instruction } from '../dockerfile/instruction.ts';
import type { LintFile } from './lint-file.ts';
import type { Finding, Report } from './rule.ts';

/** What a build refuses and hadolint takes as it stands. */
const passes = /doesn't support variable expansion/;
/** Directives are comments to it, but for `# escape=`. */
const isDirective =
  /^(?:the frontend |invalid (?:value of )?check option |invalid escape token |only one \w+ parser )/;

const bareFlag =
  /^([ \t]*(?:COPY|ADD)[ \t]+(?:--\S+[ \t]+)*)--(?=(?:from|chown|chmod|checksum|exclude)\s)/gim;

/** The text as hadolint takes it: a flag without `=` is a path. As long as it was. */
export function withBareFlags(text: string): string {
  return text.replace(bareFlag, '$1./');
}

/**
 * Why hadolint gives up on a file, where it does: a syntax error, or what its parser does not know. It says nothing of a
 * file without any instruction, nor of one without FROM.
 */
export function parseFailure(file: LintFile): Report | undefined {
  const failures: Report[] = [];
  const fail = (message: string, line: number) => {
    const at = { line, column: 1 };
    failures.push({ message, range: { start: at, end: at }, instruction: undefined });
  };
  for (const { instruction } of file.steps) {
    const strange = strangeToHadolint(instruction);
    if (strange !== undefined) fail(strange, instruction.range.start.line);
    if (!('heredocs' in instruction) || instruction.heredocs.length === 0) continue;
    const { line } = instruction.range.end;
    if ((file.lines()[line] ?? '').trim() !== '')
      fail('unexpected text behind the end of a heredoc', line + 1);
  }
  const { text, escape: sign } = file.dockerfile;
  if (text.trimEnd().endsWith(sign)) fail('the last line is continued', text.trimEnd().split('\n').length);
  for (const { message, place } of file.errors) {
    if (place === undefined || passes.test(message) || isDirective.test(message)) continue;
    failures.push({ message, range: place.range, instruction: undefined });
  }
  return failures.sort((a, b) => a.range.start.line - b.range.start.line)[0];
}

/** What a build takes and hadolint's parser does not. */
function strangeToHadolint(instruction: Instruction): string | undefined {
  switch (instruction.keyword) {
    case 'ADD':
    case 'COPY':
      return instruction.keyword === 'ADD' && instruction.heredocs.length > 0
        ? 'ADD of a heredoc'
        : undefined;
    case 'CMD':
    case 'ENTRYPOINT':
    case 'RUN': {
      if (instruction.keyword === 'RUN' && instruction.mounts.some(lacksTarget))
        return 'a mount without a target';
      const { command, keyword } = instruction;
      if (command.form === 'exec') return undefined;
      if (/^\[.*\]\s+#/.test(command.line)) return 'a comment behind a JSON array';
      return keyword === 'CMD' && command.line === '' ? 'CMD without arguments' : undefined;
    }
    case 'EXPOSE': {
      const word = instruction.words.find((one) => /\$\{\w+:|\/\$/.test(one));
      return word && `${word} is no port`;
    }
    default:
      return undefined;
  }
}

function lacksTarget(mount: string): boolean {
  return (
    (!/(?:^|,)type=/.test(mount) || /(?:^|,)type=bind(?:,|$)/.test(mount)) &&
    !/(?:^|,)(?:target|dst|destination)=/.test(mount)
  );
}

/** Rules that report each label of an instruction. */
const perLabel = /^DL30(?:49|5[1-68])$/;

/** The findings as hadolint places them: at an instruction's first line, column 1, once for each rule. */
export function compatLines(findings: readonly Finding[]): Finding[] {
  const seen = new Map<string, Finding>();
  for (const finding of findings) {
    const { rule, line, message } = finding;
    const key = perLabel.test(rule) ? `${line} ${rule} ${message}` : `${line} ${rule}`;
    const range = { start: { line, column: 1 }, end: { line, column: 1 } };
    if (!seen.has(key)) seen.set(key, { ...finding, range });
  }
  return [...seen.values()].sort((a, b) => a.line - b.line || (a.rule < b.rule ? -1 : 1));
}
