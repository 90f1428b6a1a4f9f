// Parses a Dockerfile, or a trigger that an image recorded, into typed instructions. All syntax errors come from here.
import { type Place, SlipwayError } from '../errors.ts';
import { readDirectives } from './directives.ts';
import type { Dockerfile, Instruction } from './instruction.ts';
import { parseInstruction } from './parse-instruction.ts';
import { createSource } from './source.ts';
import { readStatements, type Statement } from './statement.ts';

/**
 * Parses a whole file as BuildKit's frontend does. Variables stay unexpanded.
 * @param file its name in messages.
 * @param frontend what counts instead of `# syntax=`: the build argument BUILDKIT_SYNTAX.
 * @throws ERR_SYNTAX, ERR_UNSUPPORTED, each with its place.
 */
export function parseDockerfile(text: string, file: string, frontend?: string): Dockerfile {
  const source = createSource(text, file);
  const nul = text.indexOf('\0');
  if (nul >= 0) {
    throw new SlipwayError('ERR_SYNTAX', 'the Dockerfile holds a NUL character', {
      place: { file, range: source.range(nul, nul + 1) },
      hint: 'no path and no argument can hold one: is it a text in UTF-8?',
    });
  }
  const { list, escape: escapeSign, lines } = readDirectives(source, frontend);
  const result: Dockerfile = {
    file,
    text,
    escape: escapeSign,
    directives: list,
    instructions: [],
    warnings: [],
  };
  let staged = false;
  for (const statement of readStatements(source, { escapeSign, first: lines })) {
    const instruction = parseInstruction(statement, escapeSign);
    staged ||= instruction.keyword === 'FROM';
    if (!staged && instruction.keyword !== 'ARG') throw tooEarly(statement);
    result.instructions.push(instruction);
    const [empty] = statement.emptyLines;
    if (empty !== undefined) {
      result.warnings.push({ message: `Empty continuation line found in: ${statement.text}`, range: empty });
    }
  }
  if (staged) return result;
  const place = { file, range: source.range(0, 0) };
  if (text.trim() === '') {
    throw new SlipwayError('ERR_SYNTAX', `the Dockerfile (${file}) cannot be empty`, {
      place,
      hint: 'begin with FROM',
    });
  }
  const what = result.instructions.length === 0 ? 'no instructions' : 'no build stage';
  throw new SlipwayError('ERR_SYNTAX', `${file} has ${what}`, { place, hint: 'add FROM image' });
}

function tooEarly(statement: Statement): SlipwayError {
  const keyword = statement.written.toUpperCase();
  return new SlipwayError(
    'ERR_SYNTAX',
    `no build stage in current context: ${keyword} before the first FROM`,
    {
      place: statement.place(0, statement.written.length),
      hint: 'only ARG may stand before the first FROM',
    },
  );
}

/**
 * Parses a trigger of ONBUILD as an image's config records it, heredoc bodies included.
 * @param place where the image is named: the FROM of the stage that runs the trigger. All ranges are its range.
 * @throws ERR_SYNTAX, ERR_UNSUPPORTED, at that place.
 */
export function parseTrigger(trigger: string, place: Place, escapeSign: '\\' | '`'): Instruction {
  const refuse = (why: string) =>
    new SlipwayError('ERR_SYNTAX', `the base image's trigger "ONBUILD ${trigger.split('\n', 1)[0]}" ${why}`, {
      place,
      hint: 'the base image has to be built anew without it',
    });
  try {
    const [statement, ...more] = readStatements(createSource(trigger, place.file ?? ''), {
      escapeSign,
      first: 0,
    });
    if (statement === undefined || more.length > 0) throw refuse('is not one instruction');
    const heredocs = statement.heredocs.map((heredoc) => ({ ...heredoc, range: place.range }));
    const instruction = parseInstruction(
      { ...statement, heredocs, range: place.range, comments: [], place: () => place },
      escapeSign,
    );
    if (instruction.keyword === 'FROM' || instruction.keyword === 'ONBUILD') throw refuse('is not allowed');
    return instruction;
  } catch (error) {
    if (error instanceof SlipwayError) error.place = place;
    throw error;
  }
}
