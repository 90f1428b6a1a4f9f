// Parses a Dockerfile for tools that look at all of it: what can't be parsed is an error in a list, and the rest is there.
import { SlipwayError } from '../errors.ts';
import { readDirectives } from './directives.ts';
import type { Dockerfile, Instruction } from './instruction.ts';
import { parseInstruction } from './parse-instruction.ts';
import { createSource, type Source } from './source.ts';
import { readStatements, type Statement, splitKeyword } from './statement.ts';

/** An instruction together with the statement it was read from, which knows places within it. */
export interface LocatedInstruction {
  instruction: Instruction;
  statement: Statement;
  /** Of ONBUILD: what it triggers, with places in this file; undefined where that can't be parsed. */
  trigger: LocatedInstruction | undefined;
}

export interface TolerantDockerfile {
  source: Source;
  /** What could be parsed; instructions in front of the first FROM are left in. */
  dockerfile: Dockerfile;
  located: LocatedInstruction[];
  /** In the order of the file, each with its place. */
  errors: SlipwayError[];
}

/** Keywords that ONBUILD can't trigger: the instruction is kept, so that a rule can tell of it. */
const untriggered = ['FROM', 'MAINTAINER', 'ONBUILD'];

/** Parses what it can; throws nothing, whatever the text is. */
export function parseTolerant(text: string, file: string): TolerantDockerfile {
  const source = createSource(text, file);
  const errors: SlipwayError[] = [];
  const nul = text.indexOf('\0');
  if (nul >= 0) {
    errors.push(
      new SlipwayError('ERR_SYNTAX', 'the Dockerfile holds a NUL character', {
        place: { file, range: source.range(nul, nul + 1) },
        hint: 'no path and no argument can hold one: is it a text in UTF-8?',
      }),
    );
  }
  const directives = attempt(errors, () =>
    readDirectives(source, undefined, (error) => errors.push(error)),
  ) ?? {
    list: [],
    // A directive that is wrong should not make every continued line wrong, too.
    escape: /^\s*#\s*escape\s*=\s*`/im.test(text.slice(0, 1000)) ? ('`' as const) : ('\\' as const),
    lines: 0,
  };
  const dockerfile: Dockerfile = {
    file,
    text,
    escape: directives.escape,
    directives: directives.list,
    instructions: [],
    warnings: [],
  };
  const located: LocatedInstruction[] = [];
  const keep = (error: unknown): void => {
    if (!(error instanceof SlipwayError)) throw error;
    errors.push(error);
  };
  const recover = (error: unknown, next: number): number => {
    keep(error);
    return skipBody(source, next);
  };
  const from = { escapeSign: directives.escape, first: directives.lines };
  for (const statement of readStatements(source, from, recover)) {
    statement.tolerate = keep;
    const found = locate(statement, directives.escape, errors);
    if (found === undefined) continue;
    located.push(found);
    dockerfile.instructions.push(found.instruction);
    const [empty] = statement.emptyLines;
    if (empty !== undefined) {
      dockerfile.warnings.push({
        message: `Empty continuation line found in: ${statement.text}`,
        range: empty,
      });
    }
  }
  return { source, dockerfile, located, errors };
}

/** What `work` returns; undefined where it throws an error of the Dockerfile, which is kept. */
function attempt<T>(errors: SlipwayError[], work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    errors.push(error);
    return undefined;
  }
}

/** Behind a heredoc without end: the next line that looks like an instruction, so that its body is not taken for some. */
function skipBody(source: Source, first: number): number {
  const keyword =
    /^(ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR)[ \t]/;
  let index = first;
  while (index < source.lines.length) {
    const line = source.lines[index]!;
    if (keyword.test(source.text.slice(line.start, line.end))) break;
    index++;
  }
  return index;
}

function locate(
  statement: Statement,
  sign: '\\' | '`',
  errors: SlipwayError[],
): LocatedInstruction | undefined {
  if (statement.written.toUpperCase() !== 'ONBUILD') {
    const instruction = attempt(errors, () => parseInstruction(statement, sign));
    return instruction && { instruction, statement, trigger: undefined };
  }
  const inner = triggerStatement(statement);
  if (untriggered.includes(inner.written.toUpperCase())) {
    const { written, text, range, comments } = statement;
    const instruction: Instruction = {
      ...{ written, text, range, comments },
      ...{ keyword: 'ONBUILD', trigger: inner.text },
    };
    return { instruction, statement, trigger: undefined };
  }
  const instruction = attempt(errors, () => parseInstruction(statement, sign));
  if (instruction === undefined) return undefined;
  // A trigger is checked in full where it runs: one that is wrong is told of here, and the ONBUILD stays.
  const trigger = attempt(errors, () => parseInstruction(inner, sign));
  return {
    instruction,
    statement,
    trigger: trigger && { instruction: trigger, statement: inner, trigger: undefined },
  };
}

/** The statement behind ONBUILD, with places in the same file. */
function triggerStatement(statement: Statement): Statement {
  const at = statement.argumentsAt;
  const text = statement.text.slice(at);
  return {
    ...statement,
    ...splitKeyword(text),
    text,
    place: (from, to) => statement.place(at + from, at + to),
  };
}
