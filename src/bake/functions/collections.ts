// Functions on lists, sets and objects.
import {
  isEqual,
  sortedEntries,
  toJsonText,
  toList,
  toMap,
  toText,
  type Value,
  valueError,
} from '../hcl/value.ts';
import { type FunctionTable, fn, whole } from './function-table.ts';

const includes = (list: readonly Value[], value: Value): boolean => list.some((one) => isEqual(one, value));

/** Equal values have one text. */
const textsOf = (list: readonly Value[]): Set<string> => new Set(list.map(toJsonText));

function distinct(list: readonly Value[]): Value[] {
  const seen = new Set<string>();
  return list.filter((one) => {
    const text = toJsonText(one);
    const isNew = !seen.has(text);
    seen.add(text);
    return isNew;
  });
}

/** What of a list is in another, or is not. */
function shared(list: readonly Value[], other: readonly Value[], isWanted = true): Value[] {
  const texts = textsOf(other);
  return list.filter((one) => texts.has(toJsonText(one)) === isWanted);
}

/** Sets are walked in the order of their elements, where these are texts or numbers. */
function asSet(list: readonly Value[]): Value[] {
  const elements = distinct(list);
  const plain =
    elements.every((one) => typeof one === 'string') || elements.every((one) => typeof one === 'number');
  return plain ? elements.sort((a, b) => (a! < b! ? -1 : a! > b! ? 1 : 0)) : elements;
}

function length(value: Value): number {
  if (Array.isArray(value)) return value.length;
  if (value instanceof Map) return value.size;
  throw valueError('length takes a list or an object', 'strlen is for text');
}

function flatten(list: readonly Value[]): Value[] {
  return list.flatMap((one) => (Array.isArray(one) ? flatten(one) : [one]));
}

function chunks(list: readonly Value[], size: number): Value[] {
  if (whole(size) < 0) throw valueError('the size of a chunk is not negative');
  if (size === 0) return [[...list]];
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) =>
    list.slice(i * size, (i + 1) * size),
  );
}

function element(list: readonly Value[], index: number): Value {
  if (list.length === 0) throw valueError('element takes a list that is not empty');
  return list[((whole(index) % list.length) + list.length) % list.length]!;
}

function has(collection: Value, key: Value): boolean {
  if (Array.isArray(collection))
    return typeof key === 'number' && Number.isInteger(key) && key >= 0 && key < collection.length;
  return toMap(collection).has(toText(key));
}

function atIndex(collection: Value, key: Value): Value {
  const value = Array.isArray(collection) ? collection[Number(key)] : toMap(collection).get(toText(key));
  if (value !== undefined) return value;
  throw valueError(`there is no ${JSON.stringify(key)} in the collection`);
}

function indexOf(list: readonly Value[], value: Value): number {
  const index = list.findIndex((one) => isEqual(one, value));
  if (index >= 0) return index;
  throw valueError('item not found', 'contains tells whether it is there');
}

function lookup(map: Map<string, Value>, key: string, otherwise: Value | undefined): Value {
  const value = map.get(key) ?? otherwise;
  if (value !== undefined) return value;
  throw valueError(`there is no ${JSON.stringify(key)} in the map`, 'give lookup a third argument for that');
}

const most = 100_000;

function product(lists: readonly Value[][]): Value[] {
  if (lists.reduce((all, list) => all * list.length, 1) > most)
    throw valueError(`setproduct makes at most ${most} items`);
  return lists.reduce<Value[][]>(
    (all, list) => all.flatMap((head) => list.map((one) => [...head, one])),
    [[]],
  );
}

function slice(list: readonly Value[], from: number, to: number): Value[] {
  if (whole(from) < 0 || whole(to) > list.length || from > to)
    throw valueError(`slice: ${from} to ${to} is not within the list of ${list.length}`);
  return list.slice(from, to);
}

function zip(names: readonly Value[], values: readonly Value[]): Value {
  if (names.length !== values.length) throw valueError('zipmap takes lists of one length');
  return new Map(names.map((name, index) => [toText(name), values[index]!]));
}

function firstGiven(args: readonly Value[]): Value {
  const found = args.find((one) => one !== null);
  if (found !== undefined) return found;
  throw valueError('all arguments of coalesce are null');
}

const sorted = (list: readonly Value[]): string[] =>
  list.map((one) => toText(one)).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
const lists = (args: readonly Value[]): Value[][] => args.map(toList);

export const collectionFunctions: FunctionTable = {
  chunklist: fn('ln', ([list, size]) => chunks(list, size)),
  coalesce: fn('a*', (args) => firstGiven(args)),
  coalescelist: fn('l*', (args) => {
    const found = lists(args).find((list) => list.length > 0);
    if (found) return found;
    throw valueError('all lists of coalescelist are empty');
  }),
  compact: fn('l', ([list]) => (list as Value[]).filter((one) => one !== '' && one !== null)),
  concat: fn('l*', (args) => lists(args).flat()),
  contains: fn('la', ([list, value]) => includes(list, value)),
  distinct: fn('l', ([list]) => distinct(list)),
  element: fn('ln', ([list, index]) => element(list, index)),
  flatten: fn('l', ([list]) => flatten(list)),
  hasindex: fn('aa', ([collection, key]) => has(collection, key)),
  index: fn('aa', ([collection, key]) => atIndex(collection, key)),
  indexof: fn('la', ([list, value]) => indexOf(list, value)),
  keys: fn('m', ([map]) => sortedEntries(map).map(([key]) => key)),
  length: fn('a', ([value]) => length(value)),
  lookup: fn('msa?', ([map, key, otherwise]) => lookup(map, key, otherwise)),
  merge: fn('a*', (args) => new Map(args.filter((one) => one !== null).flatMap((one) => [...toMap(one)]))),
  reverselist: fn('l', ([list]) => [...list].reverse()),
  sethaselement: fn('la', ([list, value]) => includes(list, value)),
  setintersection: fn('ll*', ([first, ...rest]) =>
    asSet(lists(rest).reduce((kept, list) => shared(kept, list), first as Value[])),
  ),
  setproduct: fn('ll*', (args) => product(lists(args))),
  setsubtract: fn('ll', ([a, b]) => asSet(shared(a, b, false))),
  setsymmetricdifference: fn('ll*', ([first, ...rest]) =>
    lists(rest).reduce(
      (all, list) => asSet([...shared(all, list, false), ...shared(list, all, false)]),
      first as Value[],
    ),
  ),
  setunion: fn('ll*', (args) => asSet(lists(args).flat())),
  slice: fn('lnn', ([list, from, to]) => slice(list, from, to)),
  sort: fn('l', ([list]) => sorted(list)),
  values: fn('m', ([map]) => sortedEntries(map).map(([, value]) => value)),
  zipmap: fn('ll', ([names, values]) => zip(names, values)),
};
