// All bake files as one: targets and groups merged in the order of the files, variables beside them.
import { suggest } from '../dockerfile/suggest.ts';
import { type Place, SlipwayError } from '../errors.ts';
import { evaluate } from './hcl/evaluate.ts';
import type { Block, Body } from './hcl/syntax.ts';
import { at, toList, toText, type Value } from './hcl/value.ts';
import { expandTarget, targetName } from './matrix.ts';
import { type Group, mergeAttributes, type Target } from './target.ts';
import { createVariables, type VariableInput, type Variables } from './variables.ts';

export interface BakeConfig {
  /** In the order of the files. */
  targets: Target[];
  groups: Group[];
  variables: Variables;
}

/** What Compose files come to. */
export interface ComposeConfig {
  targets: Target[];
  groups: Group[];
}

const blockTypes = ['target', 'group', 'variable', 'function'];

/** @throws ERR_SYNTAX, ERR_EXPANSION, each with its place */
export function createConfig(compose: ComposeConfig, input: VariableInput): BakeConfig {
  const blocks = input.bodies.flatMap((body) => body.blocks);
  const wrong = blocks.find(({ type }) => !blockTypes.includes(type));
  if (wrong) {
    throw new SlipwayError('ERR_SYNTAX', `there is no block ${JSON.stringify(wrong.type)}`, {
      place: wrong.place,
      hint: suggest(wrong.type, blockTypes),
    });
  }
  const variables = createVariables(input);
  variables.scope.block = createBlockLookup(input.bodies, variables);
  variables.check();

  const config: BakeConfig = { targets: [], groups: [], variables };
  for (const target of compose.targets) addTarget(config, target);
  for (const group of compose.groups) addGroup(config, group);
  const renamed: Group[] = [];
  for (const block of blocks) {
    if (block.type === 'group') addGroup(config, decodeGroup(block, variables));
    if (block.type !== 'target') continue;
    const { text, place } = labelOf(block);
    const targets = expandTarget(block, text, variables.scope);
    for (const target of targets) addTarget(config, target);
    const names = targets.map(({ name }) => name);
    if (names.length !== 1 || names[0] !== text)
      renamed.push({ name: text, description: undefined, targets: names, place });
  }
  for (const group of renamed) addGroup(config, group);
  return config;
}

function labelOf(block: Block): { text: string; place: Place } {
  const [label, extra] = block.labels;
  if (!label || extra) {
    throw new SlipwayError('ERR_SYNTAX', `a ${block.type} has one name`, {
      place: extra?.place ?? block.place,
      hint: `${block.type} "NAME" { … }`,
    });
  }
  if (targetName.test(label.text)) return label;
  throw new SlipwayError('ERR_SYNTAX', `${JSON.stringify(label.text)} is no name of a ${block.type}`, {
    place: label.place,
    hint: 'letters, digits, - and _ are allowed',
  });
}

function decodeGroup(block: Block, { scope }: Variables): Group {
  const { text } = labelOf(block);
  const group: Group = { name: text, description: undefined, targets: [], place: block.place };
  for (const { name, value, place } of block.body.attributes) {
    if (name === 'description') group.description = at(value.place, () => toText(evaluate(value, scope)));
    else if (name === 'targets')
      group.targets = at(value.place, () => [
        ...new Set(toList(evaluate(value, scope)).map((one) => toText(one))),
      ]);
    else {
      throw new SlipwayError('ERR_SYNTAX', `a group has no attribute ${JSON.stringify(name)}`, {
        place,
        hint: 'known are targets and description',
      });
    }
  }
  return group;
}

function addTarget(config: BakeConfig, target: Target): void {
  const index = config.targets.findIndex(({ name }) => name === target.name);
  const before = config.targets[index];
  if (!before) {
    config.targets.push(target);
    return;
  }
  config.targets[index] = {
    ...target,
    attributes: mergeAttributes(before.attributes, target.attributes),
    inherits: [...before.inherits, ...target.inherits],
  };
}

/** A later group replaces an earlier one. */
function addGroup(config: BakeConfig, group: Group): void {
  const index = config.groups.findIndex(({ name }) => name === group.name);
  if (index < 0) config.groups.push(group);
  else config.groups[index] = group;
}

/** `target.NAME.ATTRIBUTE` in an expression: what the block itself says, without what it inherits. */
function createBlockLookup(bodies: readonly Body[], { scope }: Variables) {
  const active = new Set<string>();
  return (type: string, name: string, attribute: string): Value | undefined => {
    if ((type !== 'target' && type !== 'group') || scope.variable(type) !== undefined) return undefined;
    const blocks = bodies
      .flatMap((body) => body.blocks)
      .filter((block) => block.type === type && block.labels[0]?.text === name);
    if (blocks.length === 0) return undefined;
    const found = blocks.flatMap((block) => block.body.attributes).findLast((one) => one.name === attribute);
    if (!found) return null;
    const key = `${type}.${name}.${attribute}`;
    if (active.has(key))
      throw new SlipwayError('ERR_EXPANSION', `${key} refers to itself`, { place: found.place });
    active.add(key);
    try {
      return evaluate(found.value, scope);
    } finally {
      active.delete(key);
    }
  };
}
