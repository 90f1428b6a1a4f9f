// Turns a statement into a typed instruction: one small function per kind of arguments.
import { SlipwayError, withPlace } from '../errors.ts';
import { readFlags } from './flags.ts';
import { parseHealthcheck } from './healthcheck.ts';
import { parseHeredocMark } from './heredoc.ts';
import type { CopyInstruction, Instruction, Keyword, RunInstruction } from './instruction.ts';
import { readFlagValues } from './instruction-flags.ts';
import { type Body, type InstructionLine, parseCommand, requireArguments } from './instruction-line.ts';
import { checkMount } from './mount.ts';
import { parseOnbuild } from './onbuild.ts';
import { trimSpace, trimSpaceEnd } from './space.ts';
import type { Statement } from './statement.ts';
import { suggest } from './suggest.ts';
import { parseJsonWords, parsePairs, splitBlanks, splitQuoted } from './words.ts';

const parsers: Record<Keyword, (line: InstructionLine) => Body> = {
  ADD: parseCopy,
  ARG: parseArg,
  CMD: ({ args }) => ({ keyword: 'CMD', command: parseCommand(args) }),
  COPY: parseCopy,
  ENTRYPOINT: ({ args }) => ({ keyword: 'ENTRYPOINT', command: parseCommand(args) }),
  ENV: parseEnv,
  EXPOSE: ({ args }) => ({ keyword: 'EXPOSE', words: splitBlanks(requireArguments('EXPOSE', args)) }),
  FROM: parseFrom,
  HEALTHCHECK: parseHealthcheck,
  LABEL: parseEnv,
  MAINTAINER: parseValue,
  ONBUILD: parseOnbuild,
  RUN: parseRun,
  SHELL: parseShell,
  STOPSIGNAL: parseValue,
  USER: parseValue,
  VOLUME: parseVolume,
  WORKDIR: parseValue,
};

/** All keywords, sorted. */
export const keywords = Object.keys(parsers) as Keyword[];
const isKeyword = (text: string): text is Keyword => Object.hasOwn(parsers, text);

/**
 * Parses one statement by the rules of its keyword.
 * @throws ERR_SYNTAX (ERR_UNSUPPORTED for RUN --device) with the place of the statement or of the word in it.
 */
export function parseInstruction(statement: Statement, escapeSign: '\\' | '`'): Instruction {
  const { written, text, range, comments } = statement;
  const keyword = written.toUpperCase();
  if (!isKeyword(keyword)) throw unknown(statement);
  const { flags, rest } = readFlags(text, statement.argumentsAt);
  const args = trimSpace(text.slice(rest));
  try {
    const line = { keyword, statement, args, flags: readFlagValues(keyword, flags, statement), escapeSign };
    return { written, range, text, comments, ...parsers[keyword](line) };
  } catch (error) {
    throw withPlace(error, statement.place(0, trimSpaceEnd(text).length));
  }
}

function unknown(statement: Statement): SlipwayError {
  const { written } = statement;
  const glued = keywords.find((keyword) => written.toUpperCase().startsWith(`${keyword}[`));
  return new SlipwayError('ERR_SYNTAX', `unknown instruction: ${written}`, {
    place: statement.place(0, written.length),
    hint: glued === undefined ? suggest(written, keywords) : `write a blank between ${glued} and [`,
  });
}

function parseFrom({ args, flags }: InstructionLine): Body {
  const words = splitBlanks(args);
  const [image, as, written] = words;
  if (image === undefined || !(words.length === 1 || (words.length === 3 && as?.toLowerCase() === 'as'))) {
    throw new SlipwayError('ERR_SYNTAX', 'FROM requires either one or three arguments', {
      hint: 'write FROM image or FROM image AS name',
    });
  }
  const name = written?.toLowerCase();
  if (name !== undefined && !/^[a-z][a-z0-9-_.]*$/.test(name)) {
    throw new SlipwayError('ERR_SYNTAX', `invalid name for build stage: "${written}"`, {
      hint: 'a name begins with a letter and holds letters, digits, -, _ and .',
    });
  }
  return { keyword: 'FROM', image, name, writtenName: written, platform: flags.text('platform') };
}

const choices = { network: ['default', 'none', 'host'], security: ['sandbox', 'insecure'] } as const;

function parseRun({ args, flags, statement }: InstructionLine): Body {
  for (const name of ['network', 'security'] as const) {
    const value = flags.text(name);
    if (value === undefined || choices[name].some((choice) => choice === value)) continue;
    throw new SlipwayError('ERR_SYNTAX', `RUN --${name} can't be "${value}"`, {
      place: flags.place(name),
      hint: suggest(value, choices[name]),
    });
  }
  const mounts = flags.texts('mount');
  for (const mount of mounts) checkMount(mount);
  const run: Body<RunInstruction> = {
    keyword: 'RUN',
    command: parseCommand(args),
    heredocs: statement.heredocs,
    mounts,
    network: flags.text('network'),
    security: flags.text('security'),
  };
  return run;
}

function parseCopy({ keyword, args, flags, statement }: InstructionLine): Body {
  const json = parseJsonWords(args);
  const words = json ?? splitBlanks(args);
  if (words.length < 2) {
    throw new SlipwayError(
      'ERR_SYNTAX',
      `${keyword} requires at least two arguments, a source and a destination`,
      {
        hint: `write ${keyword} ${words[0] ?? 'SOURCE'} DESTINATION`,
      },
    );
  }
  const marks = words.map((word) => (json === undefined && word.includes('<<') ? markOf(word) : undefined));
  if (marks.pop() !== undefined) {
    throw new SlipwayError('ERR_SYNTAX', `${keyword} cannot accept a heredoc as a destination`, {
      hint: `write ${keyword} <<EOF DESTINATION`,
    });
  }
  const named = marks.filter((mark) => mark !== undefined);
  if (json === undefined && named.length !== statement.heredocs.length) {
    throw new SlipwayError('ERR_SYNTAX', `${keyword} takes no blank between << and the name of a heredoc`, {
      hint: 'write <<EOF',
    });
  }
  if (flags.text('from')?.includes('$')) {
    const error = new SlipwayError('ERR_SYNTAX', `${keyword} --from doesn't support variable expansion`, {
      place: flags.place('from'),
      hint: `define a stage: FROM ${flags.text('from')} AS name, and write --from=name`,
    });
    if (statement.tolerate === undefined) throw error;
    statement.tolerate(error);
  }
  const copy: Body<CopyInstruction> = {
    keyword: keyword === 'ADD' ? 'ADD' : 'COPY',
    sources: words.slice(0, -1).filter((_, index) => marks[index] === undefined),
    // Of two heredocs of one name the text of the last counts, twice.
    heredocs: named.map((mark) => statement.heredocs.findLast((heredoc) => heredoc.name === mark.name)!),
    destination: words.at(-1)!,
    from: flags.text('from'),
    chown: flags.text('chown'),
    chmod: flags.text('chmod'),
    link: flags.truth('link') ?? false,
    parents: flags.truth('parents') ?? false,
    excludes: flags.texts('exclude'),
    checksum: flags.text('checksum'),
    keepGitDir: flags.truth('keep-git-dir'),
    unpack: flags.truth('unpack'),
  };
  return copy;
}

function markOf(word: string) {
  try {
    return parseHeredocMark(word);
  } catch {
    return undefined;
  }
}

function parseArg({ args, escapeSign }: InstructionLine): Body {
  const words = splitQuoted(requireArguments('ARG', args), escapeSign);
  const pairs = words.map((word) => {
    const equals = word.indexOf('=');
    if (equals < 0) return { name: word, value: undefined };
    return { name: word.slice(0, equals), value: word.slice(equals + 1) };
  });
  if (pairs.some(({ name }) => name === '')) {
    throw new SlipwayError('ERR_SYNTAX', 'ARG names can not be blank', {
      hint: 'write a name in front of the =',
    });
  }
  return { keyword: 'ARG', args: pairs };
}

function parseEnv({ keyword, args, escapeSign }: InstructionLine): Body {
  const name = keyword === 'LABEL' ? 'LABEL' : 'ENV';
  return { keyword: name, ...parsePairs(name, requireArguments(name, args), escapeSign) };
}

function parseShell({ args }: InstructionLine): Body {
  const argv = parseJsonWords(requireArguments('SHELL', args));
  if (argv === undefined) {
    throw new SlipwayError('ERR_SYNTAX', 'SHELL requires the arguments to be in JSON form', {
      hint: `write SHELL ${JSON.stringify(splitBlanks(args))}`,
    });
  }
  requireArguments('SHELL', argv.length === 0 ? '' : args);
  return { keyword: 'SHELL', argv };
}

function parseVolume({ args }: InstructionLine): Body {
  const words = (parseJsonWords(requireArguments('VOLUME', args)) ?? splitBlanks(args)).map(trimSpace);
  if (words.length === 0 || words.includes('')) {
    throw new SlipwayError('ERR_SYNTAX', 'a VOLUME can not be an empty string', {
      hint: 'name a folder: VOLUME /data',
    });
  }
  return { keyword: 'VOLUME', words };
}

function parseValue({ keyword, args }: InstructionLine): Body {
  if (args === '') {
    throw new SlipwayError('ERR_SYNTAX', `${keyword} requires exactly one argument`, {
      hint: `give ${keyword} an argument or remove the line`,
    });
  }
  return { keyword: keyword as 'USER', value: args };
}
