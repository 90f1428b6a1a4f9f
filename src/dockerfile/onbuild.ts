// ONBUILD: keeps its trigger as text. A trigger is checked where it runs; here only what no image may record.
import { SlipwayError } from '../errors.ts';
import type { OnbuildInstruction } from './instruction.ts';
import { type Body, type InstructionLine, requireArguments } from './instruction-line.ts';
import { splitKeyword } from './statement.ts';
import { parseJsonWords, parsePairs } from './words.ts';

const listed = ['ADD', 'CMD', 'COPY', 'ENTRYPOINT', 'RUN', 'SHELL', 'VOLUME'];

/** @throws ERR_SYNTAX for no trigger, one that can't be one, and pairs or JSON that are broken. */
export function parseOnbuild({ args, statement, escapeSign }: InstructionLine): Body<OnbuildInstruction> {
  requireArguments('ONBUILD', args);
  const { written, argumentsAt } = splitKeyword(args);
  const keyword = written.toUpperCase();
  if (keyword === 'ONBUILD' || keyword === 'FROM' || keyword === 'MAINTAINER') {
    throw new SlipwayError('ERR_SYNTAX', `${keyword} isn't allowed as an ONBUILD trigger`, {
      hint: keyword === 'ONBUILD' ? 'write ONBUILD once' : 'remove the line',
    });
  }
  const rest = args.slice(argumentsAt);
  if (rest !== '' && (keyword === 'ENV' || keyword === 'LABEL')) parsePairs(keyword, rest, escapeSign);
  if (listed.includes(keyword)) parseJsonWords(rest);
  const text = statement.text.slice(statement.argumentsAt);
  const bodies = statement.heredocs.map((heredoc) => `\n${heredoc.body}${heredoc.name}`);
  return { keyword: 'ONBUILD', trigger: text + bodies.join('') };
}
