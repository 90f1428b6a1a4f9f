// .dockerignore: reads the file and matches paths, as Docker does. Also the patterns of COPY --exclude.
import { normalize } from 'node:path/posix';
import { compilePattern } from './ignore-pattern.ts';
import { trimSpace } from './space.ts';

export interface IgnoreMatcher {
  /** Whether a path (relative, slash-separated, clean) is left out, by itself or with a folder above it. */
  ignores(path: string): boolean;
  /** False where nothing below an ignored folder can be taken back, so that a walk may skip it. */
  mayIncludeBelow(dir: string): boolean;
}

const rememberedFolders = 4096;

/**
 * Compiles the text of an ignore file. The last line that matches a path, or a folder above it, decides.
 * @throws ERR_SYNTAX for a broken pattern.
 */
export function createIgnoreMatcher(patternsText: string): IgnoreMatcher {
  return createPatternMatcher(readIgnorePatterns(patternsText));
}

/** The patterns of an ignore file, comments and empty lines dropped, paths cleaned, `!` in front kept. */
export function readIgnorePatterns(text: string): string[] {
  const patterns: string[] = [];
  for (const line of text.replace(/^\ufeff/, '').split('\n')) {
    if (line.startsWith('#')) continue;
    const trimmed = trimSpace(line);
    if (trimmed === '') continue;
    const pattern = clean(trimmed);
    patterns.push(pattern.replace(/^(!?)\/(?=.)/, '$1'));
  }
  return patterns;
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
  if (pattern[0] === '!') return `!${clean(trimSpace(pattern.slice(1)))}`;
  if (pattern === '') return '';
  const normal = normalize(pattern);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}
