// The variables and functions of bake files: defaults, what overrides them, types and validation; each resolved when asked for.
import { suggest } from '../dockerfile/suggest.ts';
import { SlipwayError, withPlace } from '../errors.ts';
import { callStandard } from './functions/stdlib.ts';
import { createSpend } from './hcl/budget.ts';
import { evaluate, type Scope, withVariables } from './hcl/evaluate.ts';
import type { Attribute, Block, Body, Expression } from './hcl/syntax.ts';
import { at, toFlag, toJsonText, toText, type Value, valueError } from './hcl/value.ts';
import { convertTo, parseType, parseValue, typeOf } from './variable-type.ts';

export interface VariableInput {
  /** The bodies of all files, earlier ones first: later ones win. */
  bodies: readonly Body[];
  /** `--var` goes before the environment. */
  vars: Readonly<Record<string, string>>;
  env: Readonly<Record<string, string | undefined>>;
  /** BAKE_LOCAL_PLATFORM, BAKE_CMD_CONTEXT. */
  builtins: Readonly<Record<string, string>>;
  now: number;
  /** Names of `vars` may be of Compose files. */
  hasCompose: boolean;
}

/** `--list=variables`. */
export interface VariableInfo {
  name: string;
  description: string;
  type: string;
  /** As JSON. */
  value: string;
}

export interface Variables {
  scope: Scope;
  /** Resolves and validates all of them. @throws ERR_EXPANSION with its place */
  check(): void;
  list(): VariableInfo[];
}

const attributeOf = (body: Body, name: string): Attribute | undefined =>
  body.attributes.find((one) => one.name === name);

/** Later blocks of a name replace earlier ones. @throws ERR_SYNTAX */
function blocksByName(bodies: readonly Body[], type: string, allowed: readonly string[]): Map<string, Block> {
  const found = new Map<string, Block>();
  for (const block of bodies.flatMap(({ blocks }) => blocks)) {
    if (block.type !== type) continue;
    const [label, extra] = block.labels;
    if (!label || extra) {
      throw new SlipwayError('ERR_SYNTAX', `a ${type} has one name`, {
        place: extra?.place ?? block.place,
        hint: `${type} "NAME" { … }`,
      });
    }
    const wrong = block.body.attributes.find(({ name }) => !allowed.includes(name));
    if (wrong) {
      throw new SlipwayError('ERR_SYNTAX', `a ${type} has no attribute ${JSON.stringify(wrong.name)}`, {
        place: wrong.place,
        hint: `known are ${allowed.join(', ')}`,
      });
    }
    found.set(label.text, block);
  }
  return found;
}

export function createVariables(input: VariableInput): Variables {
  const { bodies } = input;
  const variables = blocksByName(bodies, 'variable', ['default', 'type', 'description', 'sensitive']);
  const functions = blocksByName(bodies, 'function', ['params', 'variadic_params', 'result']);
  const globals = new Map(bodies.flatMap(({ attributes }) => attributes).map((one) => [one.name, one]));
  const resolved = new Map<string, Value>();
  const active = new Set<string>();

  function given(name: string): { text: string; isJson: boolean } | undefined {
    for (const source of [input.vars, input.env]) {
      const json = Object.hasOwn(source, `${name}_JSON`) ? source[`${name}_JSON`] : undefined;
      const text = Object.hasOwn(source, name) ? source[name] : undefined;
      if (text !== undefined) return { text, isJson: false };
      if (json !== undefined) return { text: json, isJson: true };
    }
    return undefined;
  }

  function once<T>(key: string, place: Expression['place'], make: () => T): T {
    if (active.has(key)) {
      throw new SlipwayError('ERR_EXPANSION', `the ${key} refers to itself`, {
        place,
        hint: `through ${[...active].join(', ')}`,
      });
    }
    active.add(key);
    try {
      return make();
    } finally {
      active.delete(key);
    }
  }

  function resolveBlock(name: string, block: Block): Value {
    const typeExpression = attributeOf(block.body, 'type')?.value;
    const declared = typeExpression && parseType(typeExpression);
    const fallback = globals.get(name)?.value ?? attributeOf(block.body, 'default')?.value;
    const override = given(name);
    const initial = fallback === undefined ? undefined : evaluate(fallback, scope);
    const place = fallback?.place ?? block.place;
    if (override !== undefined) {
      const type = declared ?? typeOf(initial ?? '');
      try {
        const isJson = override.isJson || (declared === undefined && type.kind === 'map');
        return parseValue(type, override.text, isJson);
      } catch (error) {
        if (error instanceof SlipwayError)
          error.message = `the value given for the variable ${name} does not fit: ${error.message}`;
        throw withPlace(error, block.place);
      }
    }
    if (initial === undefined) return declared ? null : '';
    return declared ? at(place, () => convertTo(declared, initial)) : initial;
  }

  function resolve(name: string): Value | undefined {
    const known = resolved.get(name);
    if (known !== undefined) return known;
    const block = variables.get(name);
    const global = globals.get(name);
    if (!block && !global) return Object.hasOwn(input.builtins, name) ? input.builtins[name] : undefined;
    const place = block?.place ?? global!.place;
    const value = once(`variable ${name}`, place, () =>
      block ? resolveBlock(name, block) : evaluate(global!.value, scope),
    );
    resolved.set(name, value);
    if (block) validate(name, block);
    return value;
  }

  function validate(name: string, block: Block): void {
    for (const { type, body, place } of block.body.blocks) {
      if (type !== 'validation')
        throw new SlipwayError('ERR_SYNTAX', `a variable has no block ${type}`, {
          place,
          hint: 'known is validation',
        });
      const condition = attributeOf(body, 'condition');
      if (!condition)
        throw new SlipwayError('ERR_SYNTAX', 'a validation needs a condition', {
          place,
          hint: `condition = ${name} != ""`,
        });
      if (at(condition.value.place, () => toFlag(evaluate(condition.value, scope)))) continue;
      const message = attributeOf(body, 'error_message');
      const text = message
        ? at(message.value.place, () => toText(evaluate(message.value, scope)))
        : 'the condition does not hold';
      throw new SlipwayError('ERR_EXPANSION', `the variable ${name} is not valid: ${text}`, {
        place: condition.place,
      });
    }
  }

  function callOwn(name: string, block: Block, args: readonly Value[]): Value {
    const names = parameterNames(attributeOf(block.body, 'params')?.value);
    const [rest] = parameterNames(attributeOf(block.body, 'variadic_params')?.value);
    const result = attributeOf(block.body, 'result');
    if (!result)
      throw new SlipwayError('ERR_SYNTAX', `the function ${name} has no result`, { place: block.place });
    if (args.length < names.length || (rest === undefined && args.length > names.length)) {
      throw valueError(
        `${name} takes ${rest === undefined ? '' : 'at least '}${names.length} arguments, and ${args.length} are given`,
      );
    }
    const own = new Map<string, Value>(names.map((parameter, index) => [parameter, args[index]!]));
    if (rest !== undefined) own.set(rest, args.slice(names.length));
    return once(`function ${name}`, block.place, () => evaluate(result.value, withVariables(scope, own)));
  }

  const scope: Scope = {
    variable: resolve,
    names: () => [...variables.keys(), ...globals.keys(), ...Object.keys(input.builtins)],
    call(name, args) {
      const own = functions.get(name);
      return own
        ? callOwn(name, own, args)
        : callStandard(name, args, { now: input.now, own: [...functions.keys()] });
    },
    spend: createSpend(),
  };

  return {
    scope,
    check() {
      const wrong = Object.keys(input.vars).find(
        (name) => !variables.has(name) && !variables.has(name.replace(/_JSON$/, '')),
      );
      if (wrong !== undefined && !input.hasCompose) {
        throw new SlipwayError('ERR_USAGE', `--var ${wrong}: the bake files have no variable of that name`, {
          hint:
            variables.size === 0 ? 'they have no variables at all' : suggest(wrong, [...variables.keys()]),
        });
      }
      for (const name of [...globals.keys(), ...variables.keys()]) resolve(name);
    },
    list: () =>
      [...variables].map(([name, { body }]) => {
        const description = attributeOf(body, 'description');
        const type = attributeOf(body, 'type');
        const value = resolve(name) ?? null;
        const sensitive = attributeOf(body, 'sensitive');
        return {
          name,
          description: description
            ? at(description.value.place, () => toText(evaluate(description.value, scope)))
            : '',
          type: type ? parseType(type.value).kind : '',
          value: sensitive ? '***' : typeof value === 'string' ? value : toJsonText(value),
        };
      }),
  };
}

/** `[a, b]`, `a`, or texts in JSON. @throws ERR_SYNTAX */
function parameterNames(expression: Expression | undefined): string[] {
  if (expression === undefined) return [];
  if (expression.kind === 'tuple') return expression.items.flatMap(parameterNames);
  if (expression.kind === 'variable') return [expression.name];
  if (expression.kind === 'literal' && typeof expression.value === 'string') return [expression.value];
  throw new SlipwayError('ERR_SYNTAX', 'a parameter is a name', {
    place: expression.place,
    hint: 'params = [a, b]',
  });
}
