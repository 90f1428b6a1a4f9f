// Flags as data, and the parser that reads a command line by such a table, in the manner of docker's own.
import { SlipwayError } from '../errors.ts';
import { nearest } from '../nearest.ts';

export interface Flag<Name extends string = string> {
  name: Name;
  /** One letter. */
  short?: string | undefined;
  /** `text`: the last one given counts. `list`: may be repeated. */
  type: 'boolean' | 'text' | 'list';
  /** What help calls the value: `NAME`. */
  value?: string | undefined;
  /** Of a boolean: words that may stand behind `=` as well; the one given is its text. */
  words?: readonly string[] | undefined;
  /** Of a boolean: what to give instead of other values, which some know. */
  instead?: string | undefined;
  /** Set where a second one is an error: what to do instead. */
  once?: string | undefined;
  /** The only values there are. */
  choices?: readonly string[] | undefined;
  /** The heading it stands under in help. */
  group: string;
  help: string;
  /** Known from docker, not supported here: the way round. `except`: values that ask for nothing. */
  unsupported?: { way: string; except?: readonly string[] } | undefined;
}

/** A command line that was read. What was not given is absent. */
export interface Arguments<Name extends string = string> {
  booleans: Partial<Record<Name, boolean>>;
  texts: Partial<Record<Name, string>>;
  lists: Partial<Record<Name, string[]>>;
  positionals: string[];
}

const yes = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const no = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

/**
 * Reads `--flag=v`, `--flag v`, `-f v`, `-fv`, `-f=v`, `--boolean`, `--boolean=false`, several boolean letters in one word,
 * and `--`, after which nothing is a flag. A value may begin with a dash. Flags and other words may be mixed.
 * @param command named in hints: `slipway build`.
 * @throws ERR_USAGE, and ERR_UNSUPPORTED for a flag that the table marks so.
 */
export function parseArguments<Name extends string>(
  flags: readonly Flag<Name>[],
  argv: readonly string[],
  command: string,
): Arguments<Name> {
  const result: Arguments<Name> = { booleans: {}, texts: {}, lists: {}, positionals: [] };
  const words = [...argv];

  const give = (flag: Flag<Name>, spelling: string, attached: string | undefined): void => {
    if (flag.type === 'boolean') {
      const value = attached ?? 'true';
      checkSupported(flag, spelling, value);
      if (flag.words?.includes(value)) {
        result.booleans[flag.name] = true;
        result.texts[flag.name] = value;
        return;
      }
      delete result.texts[flag.name];
      result.booleans[flag.name] = readBoolean(flag, spelling, value);
      return;
    }
    const value = attached ?? words.shift();
    checkSupported(flag, spelling, value);
    if (value === undefined) {
      throw new SlipwayError('ERR_USAGE', `${spelling} needs a value`, {
        hint: `${spelling}${spelling.startsWith('--') ? '=' : ' '}${flag.value ?? 'VALUE'}; see ${command} --help`,
      });
    }
    checkChoice(flag, spelling, value);
    if (flag.type === 'text') {
      if (flag.once !== undefined && result.texts[flag.name] !== undefined) {
        throw new SlipwayError('ERR_USAGE', `${spelling} is given twice`, { hint: flag.once });
      }
      result.texts[flag.name] = value;
    } else {
      const list = result.lists[flag.name] ?? [];
      list.push(value);
      result.lists[flag.name] = list;
    }
  };

  const readLong = (word: string): void => {
    const equals = word.indexOf('=');
    const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
    const flag = flags.find((one) => one.name === name);
    if (!flag) throw unknownFlag(`--${name}`, flags, command);
    give(flag, `--${name}`, equals < 0 ? undefined : word.slice(equals + 1));
  };

  const readShort = (word: string): void => {
    for (let i = 1; i < word.length; i++) {
      const letter = word[i]!;
      const flag = flags.find((one) => one.short === letter);
      if (!flag) throw unknownFlag(word.length === 2 ? word : `-${letter} (in ${word})`, flags, command);
      const rest = word.slice(i + 1);
      if (flag.type !== 'boolean' || rest.startsWith('=')) {
        give(flag, `-${letter}`, rest === '' ? undefined : rest.replace(/^=/, ''));
        return;
      }
      give(flag, `-${letter}`, undefined);
    }
  };

  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '--') {
      result.positionals.push(...words);
      break;
    }
    if (word.startsWith('--')) readLong(word);
    else if (word.startsWith('-') && word !== '-') readShort(word);
    else result.positionals.push(word);
  }
  return result;
}

function readBoolean(flag: Flag, spelling: string, value: string): boolean {
  if (yes.has(value)) return true;
  if (no.has(value)) return false;
  throw new SlipwayError('ERR_USAGE', `${spelling} is on or off, not ${JSON.stringify(value)}`, {
    hint: flag.instead ?? `${spelling} or ${spelling}=false`,
  });
}

function checkChoice(flag: Flag, spelling: string, value: string): void {
  if (!flag.choices || flag.choices.includes(value)) return;
  const near = nearest(value, flag.choices);
  throw new SlipwayError('ERR_USAGE', `${spelling} can't be ${JSON.stringify(value)}`, {
    hint: near === undefined ? `one of ${flag.choices.join(', ')}` : `did you mean ${near}?`,
  });
}

function checkSupported(flag: Flag, spelling: string, value: string | undefined): void {
  if (!flag.unsupported || (value !== undefined && flag.unsupported.except?.includes(value))) return;
  throw new SlipwayError('ERR_UNSUPPORTED', `${spelling} is not supported`, { hint: flag.unsupported.way });
}

function unknownFlag(spelling: string, flags: readonly Flag[], command: string): SlipwayError {
  const near = spelling.startsWith('--')
    ? nearest(
        spelling.slice(2),
        flags.map((one) => one.name),
      )
    : undefined;
  return new SlipwayError('ERR_USAGE', `unknown flag: ${spelling}`, {
    hint:
      near === undefined ? `see ${command} --help` : `did you mean --${near}? All flags: ${command} --help`,
  });
}
