// Values of ARGs, from `--build-arg` and from the files of `--build-arg-file`.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Place, SlipwayError, systemCode } from '../../errors.ts';

interface BuildArgSources {
  /** `--build-arg-file`: paths, relative to `cwd`. */
  files: readonly string[];
  /** `--build-arg`: `NAME=VALUE` or `NAME`. */
  flags: readonly string[];
  cwd: string;
}

/**
 * What comes later wins, and flags win over files. A name without a value is undefined: it is to be taken from the environment.
 * A file has `NAME=VALUE` or `NAME` on each line, as it stands; empty lines and those that begin with `#` say nothing.
 * @throws ERR_USAGE with file and line
 */
export function readBuildArgs({ files, flags, cwd }: BuildArgSources): Record<string, string | undefined> {
  const values = new Map<string, string | undefined>();
  for (const file of files) for (const [name, value] of readFile(file, cwd)) values.set(name, value);
  for (const text of flags) {
    const [name, value] = split(text);
    if (name === '') {
      throw new SlipwayError('ERR_USAGE', `--build-arg: ${JSON.stringify(text)} has no name`, {
        hint: '--build-arg NAME=VALUE, or --build-arg NAME for a value from the environment',
      });
    }
    values.set(name, value);
  }
  // Object.fromEntries makes own properties also of `__proto__`.
  return Object.fromEntries(values);
}

function* readFile(file: string, cwd: string): Generator<[string, string | undefined], void> {
  for (const [index, raw] of readText(file, cwd).split('\n').entries()) {
    const line = raw.replace(/\r$/, '').trimStart();
    if (line === '' || line.startsWith('#')) continue;
    const [name, value] = split(line);
    const wrong = name === '' ? 'has no name' : /\s/.test(name) ? 'has a blank in its name' : undefined;
    if (wrong !== undefined) {
      throw new SlipwayError('ERR_USAGE', `--build-arg-file: ${JSON.stringify(shortened(line))} ${wrong}`, {
        place: placeOf(file, index + 1, raw),
        hint: 'write NAME=VALUE, or NAME for a value from the environment; nothing is quoted',
      });
    }
    yield [name, value];
  }
}

function readText(file: string, cwd: string): string {
  if (file === '')
    throw new SlipwayError('ERR_USAGE', '--build-arg-file is empty', { hint: '--build-arg-file=args.env' });
  let bytes: Buffer;
  try {
    bytes = readFileSync(resolve(cwd, file));
  } catch (cause) {
    const code = systemCode(cause);
    if (code === undefined) throw cause;
    const reasons: Record<string, string> = { ENOENT: 'there is no such file', EISDIR: 'it is a folder' };
    throw new SlipwayError('ERR_USAGE', `--build-arg-file: can't read ${file}: ${reasons[code] ?? code}`, {
      hint: 'paths start from the current folder',
      cause,
    });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new SlipwayError('ERR_USAGE', `--build-arg-file: ${file} is no UTF-8 text`);
  }
}

function split(text: string): [string, string | undefined] {
  const equals = text.indexOf('=');
  return equals < 0 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)];
}

const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

function placeOf(file: string, line: number, text: string): Place {
  return { file, range: { start: { line, column: 1 }, end: { line, column: text.length + 1 } } };
}
