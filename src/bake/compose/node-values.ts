// What Compose fields may be written as: texts, flags, lists, and maps that may also be lists of NAME=VALUE.
import { SlipwayError } from '../../errors.ts';
import type { YamlNode } from './yaml-node.ts';

function wrong(node: YamlNode, what: string, wanted: string): SlipwayError {
  return new SlipwayError('ERR_SYNTAX', `${what} must be ${wanted}`, { place: node.place });
}

/** @throws ERR_SYNTAX with its place, as all of these */
export function mapOf(node: YamlNode, what: string): Map<string, YamlNode> {
  if (node.value instanceof Map) return node.value;
  throw wrong(node, what, 'a mapping');
}

export function textOf(node: YamlNode, what: string): string {
  const { value } = node;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  throw wrong(node, what, 'a text');
}

export function flagOf(node: YamlNode, what: string): boolean {
  const { value } = node;
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'false') return value === 'true';
  throw wrong(node, what, 'true or false');
}

/** A single text is a list of one. */
export function listOf(node: YamlNode, what: string): string[] {
  if (Array.isArray(node.value)) return node.value.map((one) => textOf(one, what));
  return [textOf(node, what)];
}

/** null where there is a name alone. */
export function pairsOf(node: YamlNode, what: string, separators = '='): Map<string, string | null> {
  if (node.value instanceof Map)
    return new Map(
      [...node.value].map(([key, one]) => [key, one.value === null ? null : textOf(one, `${what}.${key}`)]),
    );
  if (!Array.isArray(node.value)) throw wrong(node, what, 'a mapping or a list');
  return new Map(
    node.value.map((one): [string, string | null] => {
      const text = textOf(one, what);
      const at = [...text].findIndex((letter) => separators.includes(letter));
      return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}
