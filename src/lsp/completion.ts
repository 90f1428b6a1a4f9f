// What may stand where somebody types: instructions, flags, mounts, stages, variables. Reads the line up to the cursor, since
// an instruction that is being written can't be parsed yet.
import type { CompletionItem, CompletionItemKind } from 'vscode-languageserver';
import type { Keyword } from '../dockerfile/instruction.ts';
import { flagsOf } from '../dockerfile/instruction-flags.ts';
import { mountKeys } from '../dockerfile/mount.ts';
import { continuationAt } from '../dockerfile/statement.ts';
import { keywordTexts } from './keyword-texts.ts';
import { type Outline, stageAt, stepAt } from './outline.ts';
import { variablesAt } from './variables.ts';

const kinds: Record<'keyword' | 'flag' | 'value' | 'stage' | 'variable', CompletionItemKind> = {
  keyword: 14,
  flag: 10,
  value: 12,
  stage: 7,
  variable: 6,
};

/** Signs after which an editor should ask. */
export const triggerCharacters = ['-', '=', ',', '$', '{'];

export function completions(outline: Outline, offset: number): CompletionItem[] {
  const written = upTo(outline, offset);
  if (written === undefined) return [];
  const variable = /\$\{?(\w*)$/.exec(written);
  if (variable !== null) return variableItems(outline, offset, variable[1]!.length);
  const start = /^\s*(?:onbuild\s+)?([A-Za-z]*)$/i.exec(written);
  if (start !== null) return keywordItems(outline, offset, start[1]!.length, /^\s*onbuild\s/i.test(written));
  const [, word = '', rest = ''] = /^\s*(?:onbuild\s+)?([A-Za-z]+)\s+([\s\S]*)$/i.exec(written) ?? [];
  const keyword = word.toUpperCase() as Keyword;
  if (!Object.hasOwn(keywordTexts, keyword)) return [];
  const last = /\S*$/.exec(rest)![0];
  const isInFlags = rest
    .slice(0, rest.length - last.length)
    .split(/\s+/)
    .every((one) => one === '' || one.startsWith('--'));
  if (!isInFlags) return [];
  const item = (label: string, kind: keyof typeof kinds, typed: string, more = ''): CompletionItem =>
    insertion(outline, offset, { label, kind: kinds[kind], typed: typed.length, text: label + more });
  const stages = (typed: string) =>
    outline.stages
      .filter(({ from }) => outline.places.offset(from.range.end) < offset && from.writtenName !== undefined)
      .map(({ from }) => ({ ...item(from.writtenName!, 'stage', typed), detail: `FROM ${from.image}` }));
  const from = /^--from=(.*)$/.exec(last);
  if (from !== null && keyword === 'COPY') return stages(from[1]!);
  const mount = /^--mount=(?:.*,)?([^,]*)$/.exec(last);
  if (mount !== null && keyword === 'RUN') return mountItems(last, mount[1]!, { item, stages });
  if (last.startsWith('-')) {
    return flagsOf(keyword).map(({ name, isTruth }) => item(`--${name}`, 'flag', last, isTruth ? '' : '='));
  }
  return keyword === 'FROM' ? stages(last) : [];
}

function mountItems(
  flag: string,
  field: string,
  {
    item,
    stages,
  }: {
    item: (label: string, kind: 'flag' | 'value', typed: string, more?: string) => CompletionItem;
    stages: (typed: string) => CompletionItem[];
  },
): CompletionItem[] {
  const equals = field.indexOf('=');
  const [key, value] = equals < 0 ? [undefined, ''] : [field.slice(0, equals), field.slice(equals + 1)];
  const types = Object.keys(mountKeys) as (keyof typeof mountKeys)[];
  if (key === 'type') return types.map((type) => item(type, 'value', value));
  if (key === 'from') return stages(value);
  if (key === 'sharing') return ['shared', 'private', 'locked'].map((one) => item(one, 'value', value));
  if (key !== undefined) return [];
  const given = /\btype=(\w+)/.exec(flag)?.[1];
  const type = types.find((one) => one === given) ?? 'bind';
  const names = given === undefined ? ['type', ...mountKeys[type]] : mountKeys[type];
  const alone = ['readonly', 'readwrite', 'required'];
  return names.map((name) => item(name, 'flag', field, alone.includes(name) ? '' : '='));
}

function keywordItems(outline: Outline, offset: number, typed: number, isTrigger: boolean): CompletionItem[] {
  const hidden = isTrigger ? ['FROM', 'MAINTAINER', 'ONBUILD'] : ['MAINTAINER'];
  return (Object.keys(keywordTexts) as Keyword[])
    .filter((keyword) => !hidden.includes(keyword))
    .map((keyword) => ({
      ...insertion(outline, offset, { label: keyword, kind: kinds.keyword, typed, text: keyword }),
      detail: keywordTexts[keyword].form,
      documentation: keywordTexts[keyword].does,
    }));
}

function variableItems(outline: Outline, offset: number, typed: number): CompletionItem[] {
  const at = stepAt(outline, offset);
  const stage = at?.stage ?? stageAt(outline, offset);
  const names = variablesAt(outline, stage, at?.step ?? below(outline, offset));
  return [...names.values()].map(({ name, kind, value }) => ({
    ...insertion(outline, offset, { label: name, kind: kinds.variable, typed, text: name }),
    detail: value === undefined ? kind : `${kind} ${value}`,
  }));
}

/** The first instruction behind an offset, of the same stage. */
function below(outline: Outline, offset: number) {
  const steps = stageAt(outline, offset)?.steps ?? outline.globals;
  return steps.find(({ instruction }) => outline.places.offset(instruction.range.start) > offset);
}

function insertion(
  { places }: Outline,
  offset: number,
  { label, kind, typed, text }: { label: string; kind: CompletionItemKind; typed: number; text: string },
): CompletionItem {
  return { label, kind, textEdit: { range: places.range(offset - typed, offset), newText: text } };
}

/** The logical line up to an offset; undefined in comments and in the bodies of heredocs. */
function upTo({ text, places, file }: Outline, offset: number): string | undefined {
  const line = places.lineAt(offset);
  for (const { statement } of file.located)
    for (const { range } of statement.heredocs)
      if (line >= range.start.line && line <= range.end.line) return undefined;
  const { lines } = file.source;
  const lineText = (index: number) => text.slice(lines[index]!.start, lines[index]!.end);
  const own = text.slice(lines[line - 1]?.start ?? offset, offset);
  if (own.trimStart().startsWith('#')) return undefined;
  let result = own;
  for (let index = line - 2; index >= 0; index--) {
    const above = lineText(index);
    if (above.trimStart().startsWith('#')) continue;
    const mark = continuationAt(above, file.dockerfile.escape);
    if (mark < 0) break;
    result = above.slice(0, mark) + result;
  }
  return result;
}
