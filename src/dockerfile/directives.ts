// Parser directives: `# syntax=`, `# escape=` and `# check=` at the very top of a file.
import { SlipwayError } from '../errors.ts';
import type { Directive } from './instruction.ts';
import type { Source } from './source.ts';
import { trimSpaceEnd, trimSpaceStart } from './space.ts';
import { suggest } from './suggest.ts';

export interface Directives {
  list: Directive[];
  escape: '\\' | '`';
  /** How many lines they take up, a line with `#!` included. */
  lines: number;
}

const directive = /^([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(\S.*)$/;
const frontend = /^dockerfile(?:-upstream)?(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?$/;

/**
 * Reads directives up to the first line that is none. Behind `#!` there is no `# escape=`, as in BuildKit.
 * @param override the frontend, whatever `# syntax=` says.
 * @param tolerate takes mistakes in single directives, which are left out then.
 * @throws ERR_SYNTAX for one that stands twice or has a value that can't be, ERR_UNSUPPORTED for a foreign frontend.
 */
export function readDirectives(
  source: Source,
  override?: string,
  tolerate?: (error: SlipwayError) => void,
): Directives {
  const result: Directives = { list: [], escape: '\\', lines: 0 };
  const line = (index: number) => {
    const found = source.lines[index];
    return found && trimSpaceStart(source.text.slice(found.start, found.end));
  };
  const shebang = line(0)?.startsWith('#!') ?? false;
  if (shebang) result.lines = 1;
  if (override) checkFrontend(override, 'the build argument BUILDKIT_SYNTAX');
  else refuseForeignFormats(source, line(result.lines) ?? '');
  for (; ; result.lines++) {
    const text = line(result.lines);
    if (text?.[0] !== '#') return result;
    const found = directive.exec(trimSpaceStart(text.slice(1)));
    const name = found === null ? undefined : found[1]!.toLowerCase();
    if (name !== 'syntax' && name !== 'check' && name !== 'escape') return result;
    if (name === 'escape' && shebang) return result;
    const { start, end } = source.lines[result.lines]!;
    const read: Directive = { name, value: trimSpaceEnd(found![2]!), range: source.range(start, end) };
    const place = { file: source.file, range: read.range };
    try {
      if (result.list.some((other) => other.name === name)) {
        throw new SlipwayError('ERR_SYNTAX', `only one ${name} parser directive can be used`, {
          hint: `remove one of the # ${name}= lines`,
        });
      }
      if (name === 'escape') result.escape = parseEscape(read.value);
      else if (name === 'check') parseCheck(read.value);
      else if (!override) checkFrontend(read.value);
      result.list.push(read);
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      error.place = place;
      if (tolerate === undefined) throw error;
      tolerate(error);
    }
  }
}

function parseEscape(value: string): '\\' | '`' {
  if (value === '\\' || value === '`') return value;
  throw new SlipwayError('ERR_SYNTAX', `invalid escape token '${value}': it must be \\ or \``, {
    hint: 'write # escape=\\ or # escape=`',
  });
}

/** Throws ERR_UNSUPPORTED unless a `# syntax=` value names the frontend that is built in, or a mirror's copy of it. */
function checkFrontend(value: string, from = 'the syntax directive'): void {
  const image = value.split(' ', 1)[0]!;
  const parts = image.split('/');
  const name = parts.pop()!;
  const owner = parts.pop();
  const mirrored = parts.length === 0 || /[.:]/.test(parts[0]!);
  if (image === 'dockerfile.v0' || (owner === 'docker' && mirrored && frontend.test(name))) return;
  throw new SlipwayError('ERR_UNSUPPORTED', `the frontend ${image} is not supported`, {
    hint: `only docker/dockerfile is built in; remove ${from} if the file is a plain Dockerfile`,
  });
}

/** Files in another language may name their frontend by `// syntax=` or in JSON. */
function refuseForeignFormats(source: Source, first: string): void {
  let named = /^\/\/\s*syntax\s*=\s*(\S+)/i.exec(first)?.[1];
  if (named === undefined && first.startsWith('{') && source.text.includes('"syntax"')) {
    try {
      const value = (JSON.parse(source.text) as { syntax?: unknown }).syntax;
      if (typeof value === 'string') named = value;
    } catch {
      return;
    }
  }
  if (named === undefined) return;
  throw new SlipwayError('ERR_UNSUPPORTED', `the file is written for the frontend ${named}`, {
    place: { file: source.file, range: source.range(source.lines[0]!.start, source.lines[0]!.end) },
    hint: 'only Dockerfiles are supported',
  });
}

/** What `# check=` asks of the build checks. */
export interface CheckOptions {
  /** Rules that are left out. */
  skip: string[] | 'all';
  /** Whether a finding fails the build. */
  error: boolean;
  /** Experimental rules that are taken in. */
  experimental: string[] | 'all';
}

const truths: Record<string, boolean> = {
  '1': true,
  t: true,
  true: true,
  '0': false,
  f: false,
  false: false,
};

/**
 * Parses the value of a check directive: `skip=A,B;error=true;experimental=all`.
 * @throws ERR_SYNTAX for an unknown key or a value that is no boolean.
 */
export function parseCheck(value: string): CheckOptions {
  const options: CheckOptions = { skip: [], error: false, experimental: [] };
  if (value.trim() === '') return options;
  for (const part of value.split(';')) {
    const equals = part.indexOf('=');
    const key = (equals < 0 ? part : part.slice(0, equals)).trim();
    const given = equals < 0 ? '' : part.slice(equals + 1).trim();
    if (equals >= 0 && (key === 'skip' || key === 'experimental')) {
      options[key] = given === 'all' ? 'all' : given.split(',').map((rule) => rule.trim());
    } else if (equals >= 0 && key === 'error') {
      const truth = truths[given.toLowerCase()];
      if (truth === undefined) {
        throw new SlipwayError('ERR_SYNTAX', `invalid value of check option error: ${given}`, {
          hint: 'write error=true or error=false',
        });
      }
      options.error = truth;
    } else {
      throw new SlipwayError('ERR_SYNTAX', `invalid check option "${part.trim()}"`, {
        hint: suggest(key, ['skip', 'error', 'experimental'], (name) => `${name}=`),
      });
    }
  }
  return options;
}
