// The variables that a script sets anywhere, however it does.
import { assignmentsOf } from '../../shell/assignments.ts';
import type { ShellCode } from '../../shell/shell-code.ts';
import { textOf } from './shell-rule.ts';

export function namesSet({ nodes }: ShellCode): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { node } of nodes('Command')) {
    for (const { name } of assignmentsOf(node)) names.add(name);
    const words = node.args.filter((arg) => arg.type === 'Word').map(({ text }) => text);
    if (/^(?:export|declare|typeset|local|readonly)$/.test(node.name?.text ?? ''))
      for (const word of words) names.add(word);
  }
  for (const { node } of [...nodes('For'), ...nodes('Select')]) names.add(node.name.text);
  for (const { node } of nodes('ParameterExpansion'))
    if (node.operation?.type === 'Default' && node.operation.operator.endsWith('='))
      names.add(node.parameter);
  const arithmetic = [
    ...nodes('ArithmeticExpansion'),
    ...nodes('ArithmeticCommand'),
    ...nodes('ArithmeticFor'),
  ];
  for (const place of arithmetic)
    for (const [, name] of textOf(place).matchAll(
      /([A-Za-z_]\w*)\s*(?:\+\+|--|(?:[-+*/%&|^]|<<|>>)?=(?!=))/g,
    ))
      names.add(name!);
  for (const { node } of nodes('FileDescriptorVariable')) names.add(node.name);
  return names;
}
