// What can be done about findings: their fixes, comments that leave them out, and all safe fixes at once.
import type { CodeAction, CodeActionKind, Range, TextEdit, WorkspaceEdit } from 'vscode-languageserver';
import type { Finding } from '../lint/open-linter.ts';
import { toDiagnostic } from './diagnostics.ts';
import type { LintHost } from './host.ts';
import type { Outline } from './outline.ts';
import { cutsBetween, editsOfCuts, editsOfFix } from './text-edits.ts';
import { touches } from './text-places.ts';

export const fixAllKind = 'source.fixAll.slipway';
const quickFix = 'quickfix';
/** Each is tried out: who asks for a whole file wants its fixes. */
const mostIgnored = 10;

export interface ActionRequest {
  range: Range;
  /** Kinds that are wanted; undefined: all of them. */
  only: readonly CodeActionKind[] | undefined;
  findings: readonly Finding[];
  /** Lints the same text, changed. */
  tryOut: (text: string) => Promise<readonly Finding[]>;
  /** The text with all safe fixes applied. */
  mend: () => Promise<string>;
  host: Pick<LintHost, 'pageUri'>;
  /** The client takes edits for a certain version of a text. */
  isVersioned: boolean;
}

export async function codeActions(outline: Outline, request: ActionRequest): Promise<CodeAction[]> {
  const { places } = outline;
  const wants = (kind: string) =>
    request.only === undefined || request.only.some((one) => kind === one || kind.startsWith(`${one}.`));
  const actions: CodeAction[] = [];
  const here = request.findings.filter(({ range }) => touches(places.toRange(range), request.range));
  if (wants(quickFix)) {
    for (const finding of here) {
      if (finding.fix !== undefined) actions.push(fixAction(outline, finding, request));
    }
    const seen = new Set<string>();
    const before = here.length > 0 ? await request.tryOut(outline.text) : [];
    for (const finding of here.slice(0, mostIgnored)) {
      const key = `${finding.rule} ${finding.line}`;
      if (seen.has(key)) continue;
      seen.add(key);
      actions.push(...(await ignoreActions(outline, finding, { ...request, before })));
    }
  }
  if (wants(fixAllKind) && request.findings.some(({ fix }) => fix?.safety === 'safe')) {
    const cuts = cutsBetween(outline.text, await request.mend());
    const edit = workspaceEdit(outline, editsOfCuts(cuts, places), request);
    if (cuts.length > 0)
      actions.push({ title: 'Mend all that can be mended safely', kind: fixAllKind, edit });
  }
  return actions;
}

function fixAction(outline: Outline, finding: Finding, request: ActionRequest): CodeAction {
  const { safety, title, edits } = finding.fix!;
  const isSafe = safety === 'safe';
  return {
    title: isSafe ? title : `${title} (to be looked at)`,
    kind: quickFix,
    diagnostics: [toDiagnostic(finding, outline.places, request.host)],
    ...(isSafe ? { isPreferred: true } : {}),
    edit: workspaceEdit(outline, editsOfFix(edits, outline.places), request),
  };
}

/** Comments that silence a finding: those are offered that do. */
async function ignoreActions(
  outline: Outline,
  finding: Finding,
  request: ActionRequest & { before: readonly Finding[] },
): Promise<CodeAction[]> {
  const { rule } = finding;
  const count = (findings: readonly Finding[]) => findings.filter((one) => one.rule === rule).length;
  // None where another program found it.
  const before = count(request.before);
  const choices = [
    {
      title: `Ignore ${rule} here`,
      forms: [here(outline, finding, 'hadolint'), here(outline, finding, 'check')],
    },
    { title: `Ignore ${rule} in this file`, forms: [inFile(outline, rule)] },
  ];
  const actions: CodeAction[] = [];
  for (const { title, forms } of choices) {
    for (const { at, put } of forms) {
      const changed = outline.text.slice(0, at) + put + outline.text.slice(at);
      if (before > 0 && count(await request.tryOut(changed)) >= before) continue;
      const edits = [{ range: outline.places.range(at, at), newText: put }];
      actions.push({
        title,
        kind: quickFix,
        diagnostics: [toDiagnostic(finding, outline.places, request.host)],
        edit: workspaceEdit(outline, edits, request),
      });
      break;
    }
  }
  return actions;
}

interface Insertion {
  at: number;
  put: string;
}

/** A line above the instruction, or one code more in the comment that is there. */
function here({ text, places }: Outline, { rule, line }: Finding, form: 'hadolint' | 'check'): Insertion {
  const at = places.offset({ line, column: 1 });
  const above = line > 1 ? text.slice(places.offset({ line: line - 1, column: 1 }), at) : '';
  const known =
    form === 'hadolint'
      ? /^\s*#\s*hadolint\s+ignore\s*=[^#\n]*?[A-Za-z0-9](?=\s|$|#)/.exec(above)
      : /^\s*#\s*check\s*=\s*skip=[\w,]*\w(?=\s*$)/.exec(above);
  if (known !== null) return { at: at - above.length + known[0].length, put: `,${rule}` };
  const [indent] = /^[ \t]*/.exec(text.slice(at))!;
  const word = form === 'hadolint' ? 'hadolint ignore=' : 'check=skip=';
  return { at, put: `${indent}# ${word}${rule}${lineEnd(text)}` };
}

/** Behind the directives, which end at the first line that is none. */
function inFile({ text, places, file }: Outline, rule: string): Insertion {
  const last = Math.max(0, ...file.dockerfile.directives.map(({ range }) => range.end.line));
  const at = places.offset({ line: last + 1, column: 1 });
  const bom = at === 0 && text.startsWith('\ufeff') ? 1 : 0;
  return { at: at + bom, put: `# hadolint global ignore=${rule}${lineEnd(text)}` };
}

function lineEnd(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

function workspaceEdit(
  { uri, version }: Outline,
  edits: TextEdit[],
  { isVersioned }: Pick<ActionRequest, 'isVersioned'>,
): WorkspaceEdit {
  return isVersioned
    ? { documentChanges: [{ textDocument: { uri, version }, edits }] }
    : { changes: { [uri]: edits } };
}
