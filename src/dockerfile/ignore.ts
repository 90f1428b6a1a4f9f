// .dockerignore: reads the file and matches paths, as Docker does. Also the patterns of COPY --exclude.
import { normalize } from 'node:path/posix';
import { compilePattern, type IgnorePattern } from './ignore-pattern.ts';
import { trimSpace } from './space.ts';

export interface IgnoreMatcher {
  /** Whether a path (relative, slash-separated, clean) is left out, by itself or with a folder above it. */
  ignores(path: string): boolean;
  /** False where nothing below an ignored folder can be taken back, so that a walk may skip it. */
  mayIncludeBelow(dir: string): boolean;
  /** The place in the list of the pattern that decides about a path, by itself or by a folder above it; -1 where none matches. */
  decider(path: string): number;
  /** The place of the last pattern that turned a path from kept to left out; -1 where it is kept. */
  excluder(path: string): number;
}

/** A line of an ignore file that counts. */
export interface IgnoreLine {
  /** Cleaned, `!` in front kept. */
  pattern: string;
  /** From 1. */
  line: number;
  /** As it is written, without blanks around it. */
  text: string;
}

const rememberedFolders = 4096;
/** Numbers of patterns in all of them: a file of many lines can have many that decide about a folder. */
const rememberedDecisions = 1 << 20;

/**
 * Compiles the text of an ignore file. The last line that matches a path, or a folder above it, decides.
 * @throws ERR_SYNTAX for a broken pattern.
 */
export function createIgnoreMatcher(patternsText: string): IgnoreMatcher {
  return createPatternMatcher(readIgnorePatterns(patternsText));
}

/** The lines of an ignore file that hold patterns; comments and empty lines are none. */
export function readIgnoreLines(text: string): IgnoreLine[] {
  const lines: IgnoreLine[] = [];
  for (const [index, line] of text
    .replace(/^\ufeff/, '')
    .split('\n')
    .entries()) {
    if (line.startsWith('#')) continue;
    const trimmed = trimSpace(line);
    if (trimmed === '') continue;
    const pattern = clean(trimmed).replace(/^(!?)\/(?=.)/, '$1');
    lines.push({ pattern, line: index + 1, text: trimmed });
  }
  return lines;
}

/** The patterns of an ignore file, paths cleaned, `!` in front kept. */
export function readIgnorePatterns(text: string): string[] {
  return readIgnoreLines(text).map(({ pattern }) => pattern);
}

/**
 * Compiles patterns, `!` in front or not. They are tidied, but keep a `/` in front, which then matches nothing.
 * @throws ERR_SYNTAX for a broken pattern.
 */
export function createPatternMatcher(patterns: readonly string[]): IgnoreMatcher {
  const trimmed = patterns.map(trimSpace).filter((pattern) => pattern !== '');
  const compiled = compileAll(trimmed.map(clean));
  const memory = new Map<string, readonly number[]>();
  let remembered = 0;

  /**
   * The patterns that decided about the path or a folder above it, in order. A pattern that would change nothing (a `!` where
   * nothing is left out so far) is not asked: what it would match below stays untouched by it, as in BuildKit.
   */
  function decide(path: string): readonly number[] {
    const above = decisionsOn(parentOf(path));
    const matches = compiled.asker(path);
    let own: number[] | undefined;
    let ignored = false;
    let next = 0;
    for (const [index, negated] of compiled.negated.entries()) {
      if (above[next] === index) next++;
      else if (negated === ignored && matches(index)) own ??= above.slice(0, next);
      else continue;
      own?.push(index);
      ignored = !negated;
    }
    return own ?? above;
  }

  function decisionsOn(dir: string): readonly number[] {
    if (dir === '') return [];
    let known = memory.get(dir);
    if (known === undefined) {
      known = decide(dir);
      remembered += known.length;
      if (memory.size >= rememberedFolders || remembered > rememberedDecisions) {
        memory.clear();
        remembered = known.length;
      }
      memory.set(dir, known);
    }
    return known;
  }

  const decider = (path: string): number => decide(path).at(-1) ?? -1;

  return {
    decider,
    ignores: (path) => compiled.negated[decider(path)] === false,
    excluder(path) {
      const decisions = decide(path);
      const isNegated = (at: number): boolean => compiled.negated[decisions[at] ?? -1] ?? true;
      if (isNegated(decisions.length - 1)) return -1;
      let at = decisions.length - 1;
      while (!isNegated(at - 1)) at--;
      return decisions[at]!;
    },
    mayIncludeBelow(dir) {
      const index = decider(dir);
      return compiled.negated[index] !== false || compiled.mayTakeBackBelow(dir, index + 1);
    },
  };
}

interface CompiledPatterns {
  /** Of each pattern whether it takes back. */
  negated: readonly boolean[];
  /** Tells for a path whether the pattern at an index matches it. */
  asker(path: string): (index: number) => boolean;
  mayTakeBackBelow(dir: string, from: number): boolean;
}

/** Equal patterns, however many there are, are compiled once, and asked once about a path. */
function compileAll(patterns: readonly string[]): CompiledPatterns {
  const known = new Map<string, number>();
  const distinct: IgnorePattern[] = [];
  const places = patterns.map((pattern) => {
    const text = pattern.length > 1 && pattern.startsWith('!') ? pattern.slice(1) : pattern;
    const place = known.get(text) ?? known.set(text, distinct.length).get(text)!;
    if (place === distinct.length) distinct.push(compilePattern(pattern));
    return place;
  });
  const negated = patterns.map((pattern) => pattern.startsWith('!'));
  /** Answers about the path that was asked about last, as its number and the answer in the lowest bit. */
  const answers = new Float64Array(distinct.length);
  let asked = 0;

  return {
    negated,
    asker(path) {
      if (distinct.length === patterns.length) return (index) => distinct[index]!.matches(path);
      asked += 2;
      const number = asked;
      return (index) => {
        const place = places[index]!;
        if (answers[place]! < number) answers[place] = number + Number(distinct[place]!.matches(path));
        return answers[place] === number + 1;
      };
    },
    mayTakeBackBelow(dir, from) {
      const names = dir.split('/');
      const tried = new Uint8Array(distinct.length);
      return places.slice(from).some((place, index) => {
        if (!negated[from + index] || tried[place]) return false;
        tried[place] = 1;
        return distinct[place]!.mayMatchBelow(names);
      });
    },
  };
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** Tidies the path of a pattern as Go's filepath.Clean does, `!` in front put aside. */
function clean(pattern: string): string {
  let marks = 0;
  let path = pattern;
  for (; path[0] === '!'; marks++) path = trimSpace(path.slice(1));
  const normal = path === '' ? '' : normalize(path);
  const bare = normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
  return '!'.repeat(marks) + bare;
}
