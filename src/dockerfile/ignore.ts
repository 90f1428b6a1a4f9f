// .dockerignore: reads the file and matches paths, as Docker does. Also the patterns of COPY --exclude.
import { normalize } from 'node:path/posix';
import { compilePattern } from './ignore-pattern.ts';
import { trimSpace } from './space.ts';

export interface IgnoreMatcher {
  /** Whether a path (relative, slash-separated, clean) is left out, by itself or with a folder above it. */
  ignores(path: string): boolean;
  /** False where nothing below an ignored folder can be taken back, so that a walk may skip it. */
  mayIncludeBelow(dir: string): boolean;
  /** The place in the list of the pattern that decides about a path, by itself or by a folder above it; -1 where none matches. */
  decider(path: string): number;
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
  const compiled = trimmed.map((pattern) => compilePattern(clean(pattern)));
  const memory = new Map<string, boolean[]>();
  const top = compiled.map(() => false);

  /**
   * For each pattern whether it decided about the path or a folder above it. A pattern that would change nothing (a `!` where
   * nothing is left out so far) is not asked: what it would match below stays untouched by it, as in BuildKit.
   */
  function decide(path: string): boolean[] {
    const above = matchesOf(parentOf(path));
    let ignored = false;
    return compiled.map((pattern, index) => {
      const hit = above[index]! || (pattern.negated === ignored && pattern.matches(path));
      if (hit) ignored = !pattern.negated;
      return hit;
    });
  }

  function matchesOf(dir: string): boolean[] {
    if (dir === '') return top;
    let known = memory.get(dir);
    if (known === undefined) {
      known = decide(dir);
      if (memory.size >= rememberedFolders) memory.clear();
      memory.set(dir, known);
    }
    return known;
  }

  /** The index of the last pattern that decided, or -1. */
  const decider = (path: string): number => decide(path).lastIndexOf(true);

  return {
    decider,
    ignores(path) {
      const found = compiled[decider(path)];
      return found !== undefined && !found.negated;
    },
    mayIncludeBelow(dir) {
      const index = decider(dir);
      if (index < 0 || compiled[index]!.negated) return true;
      return compiled.slice(index + 1).some((pattern) => pattern.negated && pattern.mayMatchBelow(dir));
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
