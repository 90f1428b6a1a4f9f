// One target block to its targets: a matrix makes one for each combination of its values.
import { SlipwayError } from '../errors.ts';
import { decodeTarget } from './decode-target.ts';
import { evaluate, type Scope, withVariables } from './hcl/evaluate.ts';
import type { Attribute, Block } from './hcl/syntax.ts';
import { at, sortedEntries, toList, toMap, toText, type Value, valueError } from './hcl/value.ts';
import type { Target } from './target.ts';

export const targetName = /^[a-zA-Z0-9_-]+$/;
const most = 1000;

const attributeOf = (block: Block, name: string): Attribute | undefined =>
  block.body.attributes.find((one) => one.name === name);

/** The targets of a block, one unless it has a matrix. @throws ERR_SYNTAX, ERR_EXPANSION, each with its place */
export function expandTarget(block: Block, label: string, scope: Scope): Target[] {
  const matrix = attributeOf(block, 'matrix');
  const name = attributeOf(block, 'name');
  if (!matrix) {
    if (name)
      throw new SlipwayError('ERR_SYNTAX', 'a target has a name attribute only with a matrix', {
        place: name.place,
        hint: 'the name of a target is its label: target "NAME" {',
      });
    return [{ ...decodeTarget(label, block.body, scope), place: block.place }];
  }
  const targets = combinations(matrix, scope).map((variables): Target => {
    const inner = withVariables(scope, variables);
    const own = name ? at(name.value.place, () => checkName(toText(evaluate(name.value, inner)))) : label;
    return { ...decodeTarget(own, block.body, inner), place: block.place };
  });
  const twice = targets.find((one, index) => targets.findIndex((other) => other.name === one.name) !== index);
  if (twice) {
    throw new SlipwayError(
      'ERR_SYNTAX',
      `two variants of the matrix of ${label} have the name ${twice.name}`,
      {
        place: name?.place ?? matrix.place,
        hint: `add a name that holds every variable: name = "${label}-\${variable}"`,
      },
    );
  }
  return targets;
}

export function checkName(name: string): string {
  if (targetName.test(name)) return name;
  throw valueError(
    `${JSON.stringify(name)} is no name of a target`,
    'letters, digits, - and _ are allowed; sanitize(…) replaces what is not',
  );
}

function combinations(matrix: Attribute, scope: Scope): Map<string, Value>[] {
  return at(matrix.value.place, () => {
    let all: Map<string, Value>[] = [new Map()];
    for (const [name, values] of sortedEntries(toMap(evaluate(matrix.value, scope)))) {
      const list = toList(values);
      if (all.length * list.length > most) throw valueError(`a matrix makes at most ${most} targets`);
      all = list.flatMap((value) => all.map((before) => new Map([...before, [name, value]])));
    }
    return all;
  });
}
