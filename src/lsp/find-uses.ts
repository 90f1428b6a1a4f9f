// Go to definition, find references, rename: of stages and variables, within one file.
import type { Location, Range, TextEdit } from 'vscode-languageserver';
import { SlipwayError } from '../errors.ts';
import { type NameUse, nameUses } from './name-uses.ts';
import type { Outline, OutlineStage } from './outline.ts';
import { automaticArgs } from './variables.ts';

/** The name that an offset touches. */
export function useAt(outline: Outline, offset: number): NameUse | undefined {
  return nameUses(outline).find(({ from, to }) => from <= offset && offset <= to);
}

export function definitionsOf(outline: Outline, offset: number): Location[] {
  const own = useAt(outline, offset);
  if (own === undefined) return [];
  const all = sameName(outline, own).filter(({ isDefinition }) => isDefinition);
  if (own.kind === 'stage') return toLocations(outline, own.stage?.from.name === undefined ? [] : all);
  // The nearest one above that counts there; of a name that is given below alone, that.
  const before = all.filter(({ from }) => from <= own.from);
  return toLocations(outline, (before.length > 0 ? before : all).slice(-1));
}

export function referencesOf(outline: Outline, offset: number, withDefinitions: boolean): Location[] {
  const own = useAt(outline, offset);
  const all = own === undefined ? [] : sameName(outline, own);
  return toLocations(
    outline,
    all.filter(({ isDefinition }) => withDefinitions || !isDefinition),
  );
}

/** What may be renamed there; undefined where nothing may, as nothing in the file gives the name. */
export function renameRange(outline: Outline, offset: number): Range | undefined {
  const own = useAt(outline, offset);
  if (own === undefined || (own.kind === 'stage' && /^\d/.test(own.name))) return undefined;
  if (own.kind === 'variable' && automaticArgs.includes(own.name)) return undefined;
  if (!sameName(outline, own).some(({ isDefinition }) => isDefinition)) return undefined;
  return outline.places.range(own.from, own.to);
}

/** @throws ERR_USAGE for a name that can't be one, or that is taken */
export function renameEdits(outline: Outline, offset: number, name: string): TextEdit[] {
  const own = useAt(outline, offset);
  if (own === undefined || renameRange(outline, offset) === undefined) return [];
  const form = own.kind === 'stage' ? /^[A-Za-z][A-Za-z0-9-_.]*$/ : /^[A-Za-z_]\w*$/;
  if (!form.test(name)) {
    throw new SlipwayError('ERR_USAGE', `${JSON.stringify(name)} is no name of a ${own.kind}`, {
      hint: 'letters, digits and _, a letter first',
    });
  }
  const same = sameName(outline, own);
  const isTaken = nameUses(outline).some(
    (use) => use.kind === own.kind && isSame(use, name) && !same.some((one) => one.from === use.from),
  );
  if (isTaken) throw new SlipwayError('ERR_USAGE', `there is a ${own.kind} ${name} already`);
  return same
    .filter((use) => own.kind === 'variable' || !/^\d/.test(use.name))
    .map(({ from, to }) => ({ range: outline.places.range(from, to), newText: name }));
}

function isSame({ kind, name }: NameUse, other: string): boolean {
  return kind === 'stage' ? name.toLowerCase() === other.toLowerCase() : name === other;
}

/** All uses of what a use stands for. */
function sameName(outline: Outline, own: NameUse): NameUse[] {
  const uses = nameUses(outline).filter(({ kind }) => kind === own.kind);
  if (own.kind === 'stage') return uses.filter(({ stage }) => stage === own.stage);
  const named = uses.filter(({ name }) => name === own.name);
  const family = familyOf(outline, named, own.stage);
  return named.filter(({ stage }) => family.has(stage));
}

/**
 * The stages (undefined: the ARGs in front of them) in which a variable is the same: those built on one another, and
 * those whose ARG takes the value of the one in front.
 */
function familyOf(
  { stages }: Outline,
  named: readonly NameUse[],
  start: OutlineStage | undefined,
): Set<OutlineStage | undefined> {
  const declared = new Set(named.filter(({ isDefinition }) => isDefinition).map(({ stage }) => stage));
  const links: [OutlineStage | undefined, OutlineStage][] = [];
  const holders = new Set<OutlineStage>();
  for (const stage of stages) {
    const inherits = stage.parent !== undefined && holders.has(stage.parent);
    if (inherits) links.push([stage.parent, stage]);
    if (declared.has(stage) && declared.has(undefined) && declaresArg(stage, named[0]!.name))
      links.push([undefined, stage]);
    if (inherits || declared.has(stage)) holders.add(stage);
  }
  const family = new Set([start]);
  for (let size = 0; size < family.size; ) {
    size = family.size;
    for (const [a, b] of links)
      if (family.has(a) || family.has(b)) {
        family.add(a);
        family.add(b);
      }
  }
  return family;
}

function declaresArg({ steps }: OutlineStage, name: string): boolean {
  return steps.some(
    ({ instruction }) => instruction.keyword === 'ARG' && instruction.args.some((one) => one.name === name),
  );
}

function toLocations({ uri, places }: Outline, uses: readonly NameUse[]): Location[] {
  return uses.map(({ from, to }) => ({ uri, range: places.range(from, to) }));
}
