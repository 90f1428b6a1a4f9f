// Templates of `--format`: the part of Go's text/template that docker's documentation uses, on plain data.
import { suggestionHint } from '../suggest.ts';
import { callFunction, isFunction, isTrue } from './functions.ts';
import { parseTemplate } from './parse-template.ts';
import { printValue } from './print-value.ts';
import { type Block, type Node, type Operand, type Pipe, templateError } from './syntax.ts';

export interface Template {
  /** @throws ERR_USAGE for a field that the data does not have at its top, and for what functions do not take. */
  render(data: unknown): string;
}

/** A range in a range in a range … stops here. */
const mostSteps = 200_000;
const longestOutput = 64 << 20;

/** @throws ERR_USAGE where the text is no template, or uses what is not supported. */
export function compileTemplate(source: string): Template {
  const nodes = parseTemplate(source, isFunction);
  return {
    render(data) {
      const run: Run = { root: data, out: [], length: 0, steps: 0 };
      execute(nodes, { dot: data, variables: new Map([['', { value: data }]]) }, run);
      return run.out.join('');
    },
  };
}

interface Run {
  root: unknown;
  out: string[];
  length: number;
  steps: number;
}

interface Scope {
  dot: unknown;
  variables: Map<string, { value: unknown }>;
}

type Jump = 'break' | 'continue' | undefined;

function write(run: Run, text: string): void {
  run.length += text.length;
  if (run.length > longestOutput) throw templateError('the output is too long');
  run.out.push(text);
}

const inner = (scope: Scope, dot = scope.dot): Scope => ({ dot, variables: new Map(scope.variables) });

function execute(nodes: readonly Node[], scope: Scope, run: Run): Jump {
  for (const node of nodes) {
    if (++run.steps > mostSteps) throw templateError('it takes too many steps');
    switch (node.kind) {
      case 'text':
        write(run, node.text);
        break;
      case 'output': {
        const value = evaluate(node.pipe, scope, run);
        if (node.pipe.names.length > 0) setNames(node.pipe, [value], scope);
        else write(run, printValue(value));
        break;
      }
      case 'if':
      case 'with':
      case 'range': {
        const jump = executeBlock(node, scope, run);
        if (jump) return jump;
        break;
      }
      default:
        return node.kind;
    }
  }
  return undefined;
}

function executeBlock(node: Block, scope: Scope, run: Run): Jump {
  const { pipe, body, otherwise, kind } = node;
  const value = evaluate(pipe, scope, run);
  if (kind === 'range') return executeRange(node, { scope, value }, run);
  const own = inner(scope);
  if (pipe.names.length > 0) setNames(pipe, [value], own);
  if (!isTrue(value)) return execute(otherwise, own, run);
  return execute(body, kind === 'with' ? { ...own, dot: value } : own, run);
}

function executeRange(
  { pipe, body, otherwise }: Block,
  { scope, value }: { scope: Scope; value: unknown },
  run: Run,
): Jump {
  const entries = entriesOf(value);
  if (entries.length === 0) return execute(otherwise, inner(scope), run);
  for (const [key, element] of entries) {
    const own = inner(scope, element);
    setNames(pipe, pipe.names.length === 2 ? [key, element] : [element], own);
    if (execute(body, own, run) === 'break') break;
  }
  return undefined;
}

function entriesOf(value: unknown): [unknown, unknown][] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return [...value.entries()];
  if (typeof value === 'object') return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  throw templateError(`range goes over lists and maps, not over ${printValue(value).slice(0, 40)}`);
}

function setNames({ names, assigns }: Pipe, values: readonly unknown[], { variables }: Scope): void {
  for (const [at, name] of names.entries()) {
    const known = variables.get(name);
    if (!assigns) variables.set(name, { value: values[at] });
    else if (known) known.value = values[at];
    else throw templateError(`$${name} is not declared`, `{{$${name} := …}}`);
  }
}

function evaluate(pipe: Pipe, scope: Scope, run: Run): unknown {
  let value: unknown;
  for (const [at, command] of pipe.commands.entries()) {
    const [first, ...rest] = command as [Operand, ...Operand[]];
    if (first.kind !== 'function') value = operandValue(first, scope, run);
    else {
      const given = rest.map((operand) => operandValue(operand, scope, run));
      value = callFunction(first.name, at === 0 ? given : [...given, value]);
    }
  }
  return value;
}

function operandValue(operand: Operand, scope: Scope, run: Run): unknown {
  if (++run.steps > mostSteps) throw templateError('it takes too many steps');
  switch (operand.kind) {
    case 'dot':
      return scope.dot;
    case 'literal':
      return operand.value;
    case 'variable': {
      const found = scope.variables.get(operand.name);
      if (!found) throw templateError(`$${operand.name} is not declared`, `{{$${operand.name} := …}}`);
      return found.value;
    }
    case 'function':
      return callFunction(operand.name, []);
    case 'pipe':
      return evaluate(operand.pipe, scope, run);
    case 'fields':
      return operand.names.reduce<unknown>(
        (value, name) => field(value, name, run),
        operandValue(operand.of, scope, run),
      );
  }
}

/** At the top a field that is not there is a mistake; further down the data decides what there is. */
function field(value: unknown, name: string, run: Run): unknown {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    if (Object.hasOwn(value, name)) return (value as Record<string, unknown>)[name];
    if (value !== run.root) return undefined;
    throw templateError(`there is no field .${name}`, suggestionHint(name, Object.keys(value), '.'));
  }
  if (value === null || value === undefined)
    throw templateError(`.${name} is asked of nothing`, `{{with}} or {{if}} can look first`);
  throw templateError(`.${name} is asked of ${printValue(value).slice(0, 40)}, which has no fields`);
}
