// Values of a config file, checked for their kind. Each mistake has its place.
import { parseDuration } from '../../dockerfile/duration.ts';
import { suggest } from '../../dockerfile/suggest.ts';
import { type Place, SlipwayError } from '../../errors.ts';
import { nearest } from '../../nearest.ts';
import { type ConfigWarning, labelTypes, type NamedRule } from './source.ts';
import type { YamlTree } from './yaml-tree.ts';

const yes = ['true', 'yes', 'on', 'y', '1'];
const no = ['false', 'no', 'off', 'n', '0'];

export function wrong(what: string, place: Place, hint?: string): SlipwayError {
  return new SlipwayError('ERR_SYNTAX', what, { place, hint });
}

/** Calls the reader of each key that a map has. @param unknown what to do about others. @throws ERR_SYNTAX */
export function readMap(
  { value, place }: YamlTree,
  readers: Readonly<Record<string, (node: YamlTree, key: Place) => void>>,
  { what, unknown }: { what: string; unknown: (warning: ConfigWarning) => void },
): void {
  if (value === null) return;
  if (!(value instanceof Map)) throw wrong(`${what} should be a map of keys`, place);
  for (const [name, { key, node }] of value) {
    if (Object.hasOwn(readers, name)) readers[name]!(node, key);
    else {
      const hint = suggest(name, Object.keys(readers));
      unknown({ message: `${what} has no key ${JSON.stringify(name)}`, hint, place: key });
    }
  }
}

export function readFlag({ value, place }: YamlTree, name: string): boolean {
  if (typeof value === 'boolean') return value;
  const word = String(value).toLowerCase();
  if (typeof value === 'string' && yes.includes(word)) return true;
  if (typeof value === 'string' && no.includes(word)) return false;
  throw wrong(`${name} should be true or false`, place);
}

export function readText({ value, place }: YamlTree, name: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw wrong(`${name} should be a text`, place);
}

/** A number alone is one of seconds; else as `1m30s`. */
export function readSeconds(node: YamlTree, name: string): number {
  const text = readText(node, name);
  try {
    const seconds = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : parseDuration(text) / 1e9;
    if (seconds >= 0 && Number.isFinite(seconds)) return seconds;
  } catch {
    // Said below, with its place.
  }
  throw wrong(`${name} should be a time`, node.place, `seconds, or as 1m30s: ${name}: 10`);
}

export function readChoice<T extends string>(node: YamlTree, name: string, choices: readonly T[]): T {
  const text = typeof node.value === 'boolean' ? (node.value ? 'on' : 'off') : readText(node, name);
  const found = choices.find((one) => one === text);
  if (found !== undefined) return found;
  const near = nearest(text, choices);
  throw wrong(
    `${name} can't be ${JSON.stringify(text)}`,
    node.place,
    near ? `did you mean ${near}?` : `one of ${choices.join(', ')}`,
  );
}

/** A list of texts; nothing stands for an empty one. */
export function readList({ value, place }: YamlTree, name: string): { text: string; place: Place }[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw wrong(`${name} should be a list`, place, `write ${name}: [a, b]`);
  return value.map((node) => ({ text: readText(node, `an entry of ${name}`), place: node.place }));
}

export function readRules(node: YamlTree, name: string): NamedRule[] {
  return readList(node, name).map(({ text, place }) => ({ name: text, place }));
}

export function readTexts(node: YamlTree, name: string): string[] {
  return readList(node, name).map(({ text }) => text);
}

/** Label names to what they hold. */
export function readLabelSchema(
  { value, place }: YamlTree,
  name: string,
): Record<string, (typeof labelTypes)[number]> {
  if (value === null) return {};
  if (!(value instanceof Map)) throw wrong(`${name} should be a map of labels to types`, place);
  return Object.fromEntries(
    [...value].map(([label, { node }]) => [
      label,
      readChoice(node, `the type of label ${label}`, labelTypes),
    ]),
  );
}
