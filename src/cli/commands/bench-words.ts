// Flags of a build that were read, as words again: for the builds of a replay, and for its result.
import type { Arguments, Flag } from '../arguments.ts';

/** What is said to each build in another way. */
const ownWay = new Set(['file', 'root', 'debug', 'help']);

export function buildWords(flags: readonly Flag[], { booleans, texts, lists }: Arguments): string[] {
  return flags.flatMap(({ name, type }) => {
    if (ownWay.has(name)) return [];
    if (type === 'list') return (lists[name] ?? []).map((value) => `--${name}=${value}`);
    const value = texts[name] ?? (type === 'boolean' ? booleans[name] : undefined);
    return value === undefined ? [] : [`--${name}=${value}`];
  });
}

/** Flags whose values are nobody's secret. */
const open = new Set([
  ...['--target', '--platform', '--network', '--no-cache-filter', '--cache-ttl', '--jobs', '--isolation'],
  '--require',
  ...['--snapshotter', '--pull', '--offline', '--frozen', '--squash'],
]);

/** Names of build arguments stay, their values do not. */
export function shownWords(words: readonly string[]): string[] {
  return words.map((word) => {
    const [flag = '', value = ''] = splitOnce(word);
    if (open.has(flag)) return word;
    return flag === '--build-arg' ? `${flag}=${splitOnce(value)[0]}` : flag;
  });
}

function splitOnce(word: string): [string, string?] {
  const at = word.indexOf('=');
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}
