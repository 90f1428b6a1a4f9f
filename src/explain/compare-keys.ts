// What differs between what went into a step's key before and now, part by part. Parts of other steps are told apart: they are not its own.
import type { KeyTree } from '../seams.ts';
import { compareFiles } from './compare-files.ts';
import type { Cause } from './explanation.ts';

export interface KeyDifference {
  /** Of the step itself. */
  own: Cause[];
  /** Inputs, by their position in the step, that have become others. 0 is the root. */
  inputs: number[];
}

const flags = ['destination', 'chown', 'chmod', 'link', 'parents', 'excludes', 'unpack', 'path'];
const settings = ['workdir', 'user', 'network', 'security', 'platform'];

/**
 * @param texts the instruction before and now
 * @param readsContext whether input 1 is a context, whose files are the step's own affair
 */
export function compareKeys(
  before: KeyTree,
  now: KeyTree,
  { texts, readsContext, contexts, isArgument }: KeyContext,
): KeyDifference {
  const own: Cause[] = [];
  const inputs: number[] = [];
  const differs = (name: string): boolean => textOf(before[name]) !== textOf(now[name]);
  if (differs('root')) inputs.push(0);
  if (before['type'] !== now['type'] || differs('command') || differs('script'))
    own.push({ kind: 'instruction', ...texts });
  if (now['type'] === 'exec') {
    own.push(...compareVariables(before['env'], now['env'], isArgument));
    for (const name of settings) if (differs(name)) own.push(pair('setting', name, before, now));
    own.push(...compareSettings(before['settings'], now['settings']));
    compareMounts(before['mounts'], now['mounts'], { own, inputs });
    return { own, inputs: inputs.filter((input) => !contexts.includes(input)) };
  }
  for (const name of flags) if (differs(name)) own.push(pair('flag', name, before, now));
  if (now['type'] === 'mkdir') {
    if (differs('user')) own.push(pair('setting', 'user', before, now));
    return { own, inputs };
  }
  if (differs('sources')) {
    const [old, current] = [sourcesOf(before), sourcesOf(now)];
    if (JSON.stringify(old.names) !== JSON.stringify(current.names))
      own.push({ kind: 'instruction', ...texts });
    if (JSON.stringify(old.identities) !== JSON.stringify(current.identities)) inputs.push(1);
  }
  if (differs('content')) {
    const [old, current] = [before['content'], now['content']];
    if (isTree(old) && isTree(current)) own.push(...copiedFiles(old, current));
    if (!readsContext) inputs.push(1);
  }
  return { own, inputs };
}

export interface KeyContext {
  texts: { before: string; after: string };
  readsContext: boolean;
  /** Inputs that are contexts. */
  contexts: readonly number[];
  isArgument(name: string): boolean;
}

const isTree = (part: KeyTree | string | undefined): part is KeyTree => typeof part === 'object';
const textOf = (part: KeyTree | string | undefined): string =>
  isTree(part) ? JSON.stringify(part) : (part ?? '');

function pair(kind: 'flag' | 'setting', name: string, before: KeyTree, now: KeyTree): Cause {
  return { kind, name, before: textOf(before[name]), after: textOf(now[name]) };
}

function compareVariables(
  before: KeyTree | string | undefined,
  now: KeyTree | string | undefined,
  isArgument: (name: string) => boolean,
): Cause[] {
  const [old, current] = [isTree(before) ? before : {}, isTree(now) ? now : {}];
  return [...new Set([...Object.keys(old), ...Object.keys(current)])].sort().flatMap((name): Cause[] => {
    const [a, b] = [
      Object.hasOwn(old, name) ? old[name] : undefined,
      Object.hasOwn(current, name) ? current[name] : undefined,
    ];
    if (a === b) return [];
    const change = a === undefined ? 'added' : b === undefined ? 'removed' : 'changed';
    return [{ kind: 'variable', name, change, argument: isArgument(name) }];
  });
}

function compareSettings(before: KeyTree | string | undefined, now: KeyTree | string | undefined): Cause[] {
  const [old, current] = [isTree(before) ? before : {}, isTree(now) ? now : {}];
  return Object.keys({ ...old, ...current })
    .filter((name) => textOf(old[name]) !== textOf(current[name]))
    .map((name) => pair('setting', name, old, current));
}

/** Inputs are counted as the step has them: one for each mount that shows something. */
function compareMounts(
  before: KeyTree | string | undefined,
  now: KeyTree | string | undefined,
  { own, inputs }: KeyDifference,
): void {
  const [old, current] = [mountsOf(before), mountsOf(now)];
  for (const [target, mount] of old)
    if (!current.has(target)) own.push({ kind: 'mount', target: mount.target, change: 'removed' });
  let input = 0;
  for (const [target, { content, rest, ...mount }] of current) {
    if (content !== undefined) input++;
    const other = old.get(target);
    if (other === undefined) own.push({ kind: 'mount', target: mount.target, change: 'added' });
    else if (other.rest !== rest) own.push({ kind: 'mount', target: mount.target, change: 'changed' });
    else if (textOf(other.content) !== textOf(content)) {
      if (isTree(content) && isTree(other.content))
        for (const change of compareFiles(other.content, content))
          own.push({ kind: 'file', mount: mount.target, ...change });
      else if (typeof content === 'string' && / sha256:/.test(content) && content.startsWith('file'))
        for (const change of compareFiles(textOf(other.content), content))
          own.push({ kind: 'file', mount: mount.target, ...change, path: mount.target });
      inputs.push(input);
    }
  }
}

interface Mount {
  target: string;
  content: KeyTree | string | undefined;
  /** All but the content. */
  rest: string;
}

/** By target; a secret or an agent without a place by its name. */
function mountsOf(part: KeyTree | string | undefined): Map<string, Mount> {
  const mounts = new Map<string, Mount>();
  for (const mount of Object.values(isTree(part) ? part : {})) {
    if (!isTree(mount)) continue;
    const { content, ...rest } = mount;
    const target = textOf(rest['target']) || `${textOf(rest['type'])} ${textOf(rest['id'])}`;
    mounts.set(`${textOf(rest['type'])} ${target}`, { target, content, rest: JSON.stringify(rest) });
  }
  return mounts;
}

/** Of a COPY that was found by the identities of what it copies from. */
function sourcesOf({ sources }: KeyTree): { names: unknown[]; identities: unknown[] } {
  const all = Object.entries(isTree(sources) ? sources : {});
  return {
    names: all.map(([name, source]) => [name, isTree(source) ? source['path'] : source]),
    identities: all.map(([, source]) => (isTree(source) ? source['identity'] : undefined)),
  };
}

/** Paths as the context has them, as far as the key tells: it begins with the number of the source. */
function copiedFiles(before: KeyTree, now: KeyTree): Cause[] {
  return compareFiles(named(before), named(now)).map((change) => ({ kind: 'file', ...change }));
}

/**
 * `{0: {'0/': {…}}, 1: {'0 app.txt': '…'}}`: by source, then by match. Numbers go where names stay different without them, so
 * that one file more does not rename those behind it.
 */
function named(content: KeyTree): KeyTree {
  const result: KeyTree = Object.create(null) as KeyTree;
  const put = (name: string, part: KeyTree | string): void => {
    const known = result[name];
    if (isTree(known) && isTree(part)) Object.assign(known, part);
    else if (known === undefined) result[name] = isTree(part) ? { ...part } : part;
    else result[`${name} (again)`] = part;
  };
  for (const [source, part] of Object.entries(content)) {
    if (!isTree(part)) {
      put(source.replace(/^\d+ /, ''), part);
      continue;
    }
    for (const [match, entry] of Object.entries(part)) {
      const isFolder = /^\d+\/$/.test(match);
      if (isFolder && isTree(entry))
        for (const [name, inner] of Object.entries(entry)) put(name === '/' ? '.' : name, inner);
      // COPY --parents has whole paths.
      else put(match.replace(/^(?:\d+ |\/)/, ''), entry);
    }
  }
  return result;
}
