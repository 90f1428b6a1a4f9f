// Rows of a listing on standard output: docker's table, JSON lines, or a template of the user's.
import type { OutputStream } from '../../session.ts';
import type { Template } from '../../template/template.ts';
import { jsonText, safeFor } from './safe-text.ts';
import { layOut } from './table.ts';

export interface Columns {
  /** Field → what stands above it. */
  headers: Readonly<Record<string, string>>;
  /** What is shown where nothing is asked for: names of fields. */
  shown: readonly string[];
}

/** @param format `--format`; undefined or `table`: the columns' own. @throws ERR_USAGE for what is no template */
export async function writeRows(
  rows: readonly object[],
  { headers, shown }: Columns,
  { format, stdout }: { format: string | undefined; stdout: OutputStream },
): Promise<void> {
  if (format === 'json') {
    stdout.write(rows.map((row) => `${jsonText(row)}\n`).join(''));
    return;
  }
  const own = `table ${shown.map((field) => `{{.${field}}}`).join('\t')}`;
  const text = !format || format === 'table' ? own : format;
  const isTable = /^table\s/.test(text);
  const source = (isTable ? text.replace(/^table\s+/, '') : text)
    .replaceAll('\\t', '\t')
    .replaceAll('\\n', '\n');
  const { compileTemplate } = await import('../../template/template.ts');
  const template = compileTemplate(source);
  const lines = rows.map((row) => safeFor(stdout, template.render(row)));
  if (!isTable) stdout.write(lines.map((line) => `${line}\n`).join(''));
  else stdout.write(layOut([...headerLine(template, headers), ...lines]));
}

/** A template that looks into values may have no use for their headings. */
function headerLine(template: Template, headers: Columns['headers']): string[] {
  try {
    return [template.render(headers)];
  } catch {
    return [];
  }
}
