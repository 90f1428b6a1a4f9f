// Lists of edits, one rebuild a line: `touch`, `modify`, `append`, `add`, `delete`, `rename`, `chmod`. Text → data.
import { SlipwayError } from '../errors.ts';

/** Paths are relative to the context. */
export type Edit =
  /** The time alone. */
  | { type: 'touch'; path: string }
  /** Other content of the same length. */
  | { type: 'modify'; path: string }
  | { type: 'append'; path: string; text: string }
  /** A new file, or the whole content of one. */
  | { type: 'add'; path: string; text: string }
  | { type: 'delete'; path: string }
  | { type: 'rename'; path: string; to: string }
  | { type: 'chmod'; path: string; mode: number };

/** What is changed before one rebuild. */
export interface EditLine {
  /** In the list, from 1. */
  line: number;
  /** As written. */
  text: string;
  /** None: a rebuild of what was built before. */
  edits: Edit[];
}

const forms = {
  touch: 'touch PATH',
  modify: 'modify PATH',
  append: 'append PATH [TEXT]',
  add: 'add PATH [TEXT]',
  delete: 'delete PATH',
  rename: 'rename FROM TO',
  chmod: 'chmod MODE PATH',
  nothing: 'nothing',
} as const;

const isVerb = (word: string): word is keyof typeof forms => Object.hasOwn(forms, word);

/**
 * Words are parted by blanks; one with blanks stands in double quotes, as in JSON. `&&` joins edits of one rebuild; `#` begins
 * a comment line.
 * @throws ERR_USAGE with the line
 */
export function parseEdits(text: string, file: string): EditLine[] {
  const lines: EditLine[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const at = { file, line: index + 1 };
    const groups: string[][] = [[]];
    for (const word of splitWords(line, at)) {
      if (word === andWord) groups.push([]);
      else groups.at(-1)!.push(word);
    }
    lines.push({ line: index + 1, text: line, edits: groups.flatMap((words) => readEdit(words, at)) });
  }
  if (lines.length > 0) return lines;
  throw new SlipwayError('ERR_USAGE', `${file} has no edits`, { hint: `one a line: ${allForms}` });
}

interface At {
  file: string;
  line: number;
}

const allForms = Object.values(forms).join(', ');
/** A quoted `&&` is a word like others. */
const andWord = '\0&&';

function bad({ file, line }: At, what: string, hint: string): SlipwayError {
  return new SlipwayError('ERR_USAGE', `${file}, line ${line}: ${what}`, { hint });
}

function splitWords(line: string, at: At): string[] {
  return (line.match(/"(?:[^"\\]|\\.)*"?|[^\s"]+/g) ?? []).map((word) => {
    if (word === '&&') return andWord;
    if (!word.startsWith('"')) return word;
    try {
      return JSON.parse(word) as string;
    } catch {
      throw bad(at, `${word} is no text in quotes`, 'write it as in JSON: "two words\\n"');
    }
  });
}

function readEdit(words: readonly string[], at: At): Edit[] {
  const [verb = '', first, second, ...more] = words;
  if (!isVerb(verb)) throw bad(at, `${JSON.stringify(verb)} is no edit`, `one of: ${allForms}`);
  const wrong = bad(at, `this is not how ${verb} is written`, forms[verb]);
  if (more.length > 0) throw wrong;
  if (verb === 'nothing') {
    if (first !== undefined) throw wrong;
    return [];
  }
  if (first === undefined) throw wrong;
  if (verb === 'chmod') {
    if (!/^[0-7]{3,4}$/.test(first) || second === undefined) throw wrong;
    return [{ type: verb, mode: Number.parseInt(first, 8), path: inside(second, at) }];
  }
  const path = inside(first, at);
  if (verb === 'rename') {
    if (second === undefined) throw wrong;
    return [{ type: verb, path, to: inside(second, at) }];
  }
  if (verb === 'append' || verb === 'add')
    return [{ type: verb, path, text: second ?? `edit of line ${at.line}\n` }];
  if (second !== undefined) throw wrong;
  return [{ type: verb, path }];
}

/** Only the context is edited. */
function inside(path: string, at: At): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (path.startsWith('/') || parts.includes('..') || parts.length === 0 || path.includes('\0'))
    throw bad(at, `${JSON.stringify(path)} is not in the context`, 'give a path below it, as src/app.js');
  return parts.join('/');
}

/** Paths that an edit is about. */
export const editedPaths = ({ edits }: Pick<EditLine, 'edits'>): string[] => [
  ...new Set(edits.flatMap((edit) => (edit.type === 'rename' ? [edit.path, edit.to] : [edit.path]))),
];
