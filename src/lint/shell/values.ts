// What is known of a variable where it is used: whether its value can fall apart into words. The code is followed in the
// order in which it runs, both ways of a branch, loops twice.
import { type Command, forEachChild, type Script, type SyntaxNode, type Word } from 'unbash';
import { assignmentsOf, type VariableChange } from './assignments.ts';
import { literalText } from './word-text.ts';

/** `clean`: something, without blanks and characters of patterns. `dirty`: nobody knows. */
export type Value = 'clean' | 'empty' | 'dirty';

export interface Values {
  /** At an expansion. */
  at(node: SyntaxNode): Value;
}

/** What code has set so far. */
type State = ReadonlyMap<string, Value>;
/** Undefined: nothing runs there. */
type Flow = State | undefined;

const ends: ReadonlySet<string> = new Set(['exit', 'return', 'exec', 'break', 'continue']);
/** What the shell itself sets, to a number. */
export const numbers =
  /^(?:[#?$!-]|SHLVL|BASHPID|UID|EUID|PPID|LINENO|SECONDS|RANDOM|OPTIND|COLUMNS|LINES|HISTCMD|EPOCHSECONDS|SRANDOM)$/;

export function traceValues(root: Script, known: ReadonlySet<string>): Values {
  const seen = new Map<SyntaxNode, Value>();
  const functions = new Map<string, SyntaxNode>();
  const active = new Set<SyntaxNode>();

  function valueOfName(name: string, state: State): Value {
    return numbers.test(name) ? 'clean' : (state.get(name) ?? atStart(name));
  }

  /** What a variable is where the code begins. */
  function atStart(name: string): Value {
    return known.has(name) ? 'clean' : 'dirty';
  }

  function merge(one: Flow, other: Flow): Flow {
    if (one === undefined || other === undefined || one === other) return one ?? other;
    const merged = new Map<string, Value>();
    for (const [name, value] of one) merged.set(name, mergeValue(value, other.get(name) ?? atStart(name)));
    for (const [name, value] of other) if (!one.has(name)) merged.set(name, mergeValue(value, atStart(name)));
    return merged;
  }

  function run(node: SyntaxNode, state: Flow): Flow {
    if (state === undefined) return undefined;
    switch (node.type) {
      case 'Pipeline': {
        if (node.commands.length === 1) return run(node.commands[0]!, state);
        for (const command of node.commands) run(command, state);
        return state;
      }
      case 'Subshell':
        run(node.body, state);
        return state;
      case 'CommandExpansion':
      case 'ProcessSubstitution':
        if (node.script !== undefined) run(node.script, state);
        return state;
      case 'AndOr': {
        let last = run(node.commands[0]!, state);
        let left = last;
        for (const command of node.commands.slice(1)) {
          last = run(command, last ?? state);
          left = merge(left, last);
        }
        return left;
      }
      case 'If': {
        let test = run(node.clause, state);
        let after = run(node.then, test);
        for (const branch of node.elif) {
          test = run(branch.clause, test);
          after = merge(after, run(branch.then, test));
        }
        return merge(after, node.else === undefined ? test : run(node.else, test));
      }
      case 'While': {
        const first = run(node.body, run(node.clause, state));
        const test = run(node.clause, merge(state, first));
        return merge(test, run(node.body, test));
      }
      case 'For': {
        let words: Value | undefined;
        for (const word of node.wordlist ?? []) {
          run(word, state);
          words =
            words === undefined ? valueOfWord(word, state) : mergeValue(words, valueOfWord(word, state));
        }
        const begin = set(state, node.name.text, words ?? 'dirty');
        const first = run(node.body, begin);
        return merge(
          state,
          run(node.body, merge(begin, first && set(first, node.name.text, words ?? 'dirty'))),
        );
      }
      case 'Case': {
        run(node.word, state);
        let after: Flow = state;
        for (const item of node.items) {
          for (const pattern of item.pattern) run(pattern, state);
          after = merge(after, run(item.body, state));
        }
        return after;
      }
      case 'Function': {
        functions.set(node.name.text, node.body);
        run(node.body, state);
        return state;
      }
      case 'Command':
        return runCommand(node, state);
      case 'SimpleExpansion':
        note(node, valueOfName(node.text.slice(1), state));
        return state;
      case 'ParameterExpansion': {
        const { prefix, index, operation } = node;
        const isNumber = prefix === '#' || numbers.test(node.parameter);
        const isPlain = prefix === undefined && index === undefined && operation === undefined;
        note(node, isNumber ? 'clean' : isPlain ? valueOfName(node.parameter, state) : 'dirty');
        if (index !== undefined) run(index, state);
        const after = operation === undefined ? state : run(operation, state);
        return operation?.type === 'Default' && operation.operator.endsWith('=') && after
          ? set(after, node.parameter, 'dirty')
          : after;
      }
      default: {
        let flow: Flow = state;
        forEachChild(node, (child) => {
          flow = run(child, flow);
        });
        return flow;
      }
    }
  }

  function runCommand(node: Command, state: State): Flow {
    let flow: State = state;
    forEachChild(node, (child) => {
      if (child.type !== 'Word' || /[$`<>]/.test(child.text)) flow = run(child, flow) ?? flow;
    });
    for (const change of assignmentsOf(node)) flow = set(flow, change.name, valueOfChange(change, flow));
    const name = node.name && literalText(node.name);
    if (name === undefined) return flow;
    if (ends.has(name)) return undefined;
    const body = functions.get(name);
    if (body === undefined || active.has(body)) return flow;
    active.add(body);
    const after = run(body, flow) ?? flow;
    active.delete(body);
    return after;
  }

  function note(node: SyntaxNode, value: Value): void {
    const before = seen.get(node);
    seen.set(node, before === undefined ? value : mergeValue(before, value));
  }

  function valueOfChange({ name, value, append }: VariableChange, state: State): Value {
    if (value === undefined) return 'dirty';
    const put = value.type === 'Word' ? valueOfWord(value, state) : 'dirty';
    return append ? join(valueOfName(name, state), put) : put;
  }

  function valueOfWord(word: Word, state: State): Value {
    if (word.parts === undefined) return valueOfText(word.value);
    return word.parts.map((part) => valueOfPart(part, state)).reduce(join, 'empty');
  }

  function valueOfPart(part: SyntaxNode, state: State): Value {
    switch (part.type) {
      case 'Literal':
      case 'SingleQuoted':
      case 'AnsiCQuoted':
        return valueOfText(part.value);
      case 'DoubleQuoted':
      case 'LocaleString':
        return part.parts.map((one) => valueOfPart(one, state)).reduce(join, 'empty');
      case 'SimpleExpansion':
        return valueOfName(part.text.slice(1), state);
      case 'ParameterExpansion':
        if (part.prefix === '#') return 'clean';
        return part.prefix === undefined && part.index === undefined && part.operation === undefined
          ? valueOfName(part.parameter, state)
          : 'dirty';
      case 'ArithmeticExpansion':
        return 'clean';
      default:
        return 'dirty';
    }
  }

  run(root, new Map());
  return { at: (node) => seen.get(node) ?? 'dirty' };
}

function valueOfText(text: string): Value {
  return text === '' ? 'empty' : /[\s*?[\]]/.test(text) ? 'dirty' : 'clean';
}

function set(state: State, name: string, value: Value): State {
  return new Map(state).set(name, value);
}

/** Of two texts in a row. */
function join(one: Value, other: Value): Value {
  if (one === 'empty') return other;
  return other === 'empty' ? one : mergeValue(one, other);
}

/** Of one text or the other. */
function mergeValue(one: Value, other: Value): Value {
  return one === other ? one : 'dirty';
}
