// What is said of the place that somebody points at: findings with their rules' pages, instructions, variables, stages.
import type { Range } from 'vscode-languageserver';
import type { Keyword } from '../dockerfile/instruction.ts';
import type { Finding } from '../lint/open-linter.ts';
import { useAt } from './find-uses.ts';
import type { LintHost } from './host.ts';
import { keywordTexts } from './keyword-texts.ts';
import type { NameUse } from './name-uses.ts';
import { type Outline, stepAt } from './outline.ts';
import { touches } from './text-places.ts';
import { automaticArgs, type Variable, variablesAt } from './variables.ts';

export interface HoverText {
  /** Markdown. */
  text: string;
  range: Range | undefined;
}

export function hoverText(
  outline: Outline,
  offset: number,
  { findings, host }: { findings: readonly Finding[]; host: Pick<LintHost, 'page'> },
): HoverText | undefined {
  const { places } = outline;
  const at = places.range(offset, offset);
  const here = findings.filter(({ range }) => touches(places.toRange(range), at));
  const use = useAt(outline, offset);
  const parts = [
    use && (use.kind === 'stage' ? stageText(outline, use) : variableText(outline, use)),
    keywordText(outline, offset),
    ...new Set(here.map(({ rule }) => host.page(rule)?.trim())),
  ].filter((part) => part !== undefined);
  if (parts.length === 0) return undefined;
  const range = use === undefined ? here[0] && places.toRange(here[0].range) : places.range(use.from, use.to);
  return { text: parts.join('\n\n---\n\n'), range };
}

function keywordText(outline: Outline, offset: number): string | undefined {
  const step = stepAt(outline, offset)?.step;
  for (const one of [step, step?.trigger]) {
    if (one === undefined) continue;
    const { range } = one.statement.place(0, one.statement.written.length);
    const [from, to] = [outline.places.offset(range.start), outline.places.offset(range.end)];
    if (offset < from || offset > to) continue;
    const known = keywordTexts[one.statement.written.toUpperCase() as Keyword];
    return known && `\`\`\`dockerfile\n${known.form}\n\`\`\`\n\n${known.does}`;
  }
  return undefined;
}

function stageText({ places }: Outline, { stage }: NameUse): string | undefined {
  if (stage === undefined) return undefined;
  const { from, index } = stage;
  const line = places.toRange(from.range).start.line + 1;
  const name = from.writtenName === undefined ? `stage ${index}` : `stage \`${from.writtenName}\``;
  const platform = from.platform === undefined ? '' : ` for ${code(from.platform)}`;
  const what = stage.parent === undefined ? 'on' : 'on the stage';
  return `${name}, line ${line}: ${what} ${code(from.image)}${platform}`;
}

function variableText(outline: Outline, { name, from, isDefinition, stage }: NameUse): string | undefined {
  const found = stepAt(outline, from);
  if (found === undefined) return undefined;
  const steps = found.stage?.steps ?? outline.globals;
  // Of its own definition, what holds behind it.
  const next = steps[steps.indexOf(found.step) + 1];
  const variable = variablesAt(outline, found.stage, isDefinition ? next : found.step).get(name);
  if (variable !== undefined) return describe(outline, variable);
  // Shell code has variables of its own; the rest takes what the base image sets.
  return stage === undefined || found.step.instruction.keyword === 'RUN'
    ? undefined
    : `\`${name}\`: not set in this file; the base image may set it`;
}

function describe({ places }: Outline, { name, kind, value, setBy }: Variable): string {
  if (kind === 'automatic' || setBy === undefined)
    return `\`${name}\`: set by the build${automaticArgs.includes(name) ? ', after its platforms' : ''}`;
  const line = places.toRange(setBy).start.line + 1;
  const known = value === undefined ? 'the value is known when it is built' : `= ${code(value)}`;
  const given = kind === 'ARG' ? `, unless \`--build-arg ${name}=…\` says otherwise` : '';
  return `${kind} \`${name}\`, line ${line}: ${known}${given}`;
}

/** As code in Markdown, on one line, whatever it holds. */
function code(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  const space = /^`|`$|^$/.test(line) ? ' ' : '';
  return `${fence}${space}${line}${space}${fence}`;
}
