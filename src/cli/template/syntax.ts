// The syntax tree of a template, and the one error of all that is wrong with one.
import { SlipwayError } from '../../errors.ts';

export type Operand =
  | { kind: 'dot' }
  | { kind: 'literal'; value: string | number | boolean | null }
  | { kind: 'variable'; name: string }
  | { kind: 'function'; name: string }
  | { kind: 'pipe'; pipe: Pipe }
  /** `.A.B` of what the operand gives. */
  | { kind: 'fields'; of: Operand; names: string[] };

export interface Pipe {
  /** Names that are set: `$x := …`, `$i, $x := range …`. */
  names: string[];
  /** `=`: of names that are there already. */
  assigns: boolean;
  /** Each a function or value with its arguments; the result of one is the last argument of the next. */
  commands: Operand[][];
}

export interface Block {
  kind: 'if' | 'with' | 'range';
  pipe: Pipe;
  body: Node[];
  otherwise: Node[];
}

export type Node =
  | Block
  | { kind: 'text'; text: string }
  | { kind: 'output'; pipe: Pipe }
  | { kind: 'break' | 'continue' };

/** `what` completes "--format: ". */
export function templateError(what: string, hint?: string): SlipwayError {
  return new SlipwayError('ERR_USAGE', `--format: ${what}`, {
    hint: hint ?? 'templates are written as docker has them: {{.ID}}, {{json .}}, table {{.ID}}\\t{{.Size}}',
  });
}
