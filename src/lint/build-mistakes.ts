// What can be parsed and no build takes: quotes and braces without their end, mounts of no known kind, what is
// no signal, mode or port.
import { expandHeredoc, expandWord, expandWords } from '../dockerfile/expand.ts';
import { parsePort } from '../dockerfile/expose.ts';
import type { Instruction } from '../dockerfile/instruction.ts';
import { parseChmod } from '../dockerfile/mode.ts';
import { parseMount } from '../dockerfile/mount.ts';
import { parseSignal } from '../dockerfile/signal.ts';
import { isSlipwayError, type SlipwayError } from '../errors.ts';
import type { LintFile } from './lint-file.ts';
import { type Report, report } from './rule.ts';
import { expandedWords, isLiteral } from './stage-walk.ts';
import type { Tracker } from './tracked-expansion.ts';

/** One of each instruction. What depends on the value of a variable is left to the build. */
export function buildMistakes({ steps, dockerfile }: LintFile): Report[] {
  const strict = createStrict(dockerfile.escape);
  const found: Report[] = [];
  for (const { instruction, trigger } of steps) {
    const mistake = mistakeIn(trigger?.instruction ?? instruction, strict);
    if (mistake === undefined) continue;
    const { message, hint } = mistake;
    found.push(report(instruction, hint === undefined ? message : `${message}: ${hint}`));
  }
  return found;
}

type Strict = Pick<Tracker, 'word' | 'words' | 'heredoc'>;

/** A value that is not empty, so that `${x:?}` has one. */
const anyValue = () => 'x';

/** Expands, and throws where that is not possible. */
function createStrict(sign: '\\' | '`'): Strict {
  const options = { escape: sign };
  return {
    word: (text) => expandWord(text, anyValue, options),
    words: (text) => expandWords(text, anyValue, options),
    heredoc: (body) => expandHeredoc(body, anyValue),
  };
}

function mistakeIn(instruction: Instruction, strict: Strict): SlipwayError | undefined {
  try {
    check(instruction, strict);
    return undefined;
  } catch (error) {
    if (!isSlipwayError(error)) throw error;
    return error;
  }
}

/** @throws ERR_EXPANSION, ERR_SYNTAX */
function check(instruction: Instruction, strict: Strict): void {
  switch (instruction.keyword) {
    case 'FROM':
      strict.word(instruction.image);
      strict.word(instruction.platform ?? '');
      break;
    case 'ARG':
      for (const { name, value } of instruction.args) {
        strict.word(name);
        strict.word(value ?? '');
      }
      break;
    case 'RUN':
      for (const mount of instruction.mounts) if (!mount.includes('$')) parseMount(mount, strict.word);
      break;
    default:
      if (!isLiteral(instruction)) expandedWords(instruction, strict);
      checkValues(instruction, strict);
  }
}

/** What has no variable in it has to be what it stands for. A port that is too large is told of by DL3011. */
function checkValues(instruction: Instruction, { word }: Strict): void {
  switch (instruction.keyword) {
    case 'STOPSIGNAL':
      if (known(instruction.value)) parseSignal(word(instruction.value));
      break;
    case 'ADD':
    case 'COPY':
      if (known(instruction.chmod)) parseChmod(word(instruction.chmod));
      break;
    case 'EXPOSE':
      for (const text of instruction.words) if (known(text) && !/\d{5}/.test(text)) parsePort(word(text));
      break;
    default:
  }
}

function known(text: string | undefined): text is string {
  return text !== undefined && !text.includes('$');
}
