// What ShellCheck, the program, is given of a Dockerfile, and how what it says becomes findings of the Dockerfile.
import type { LintFile } from '../lint-file.ts';
import { createSilencer } from '../pragmas.ts';
import { type Finding, type Severity, toFinding } from '../rule.ts';
import type { ShellCode } from './shell-code.ts';

/** One finding in ShellCheck's format json1: lines and columns count from 1, columns in code points. */
export interface ShellcheckComment {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  level: Severity;
  code: number;
  message: string;
}

export interface ExternalScript {
  /** Of a file to check: a first line with its shell, a second with variables that are set, and the code. */
  text: string;
  /** Undefined for what settings or comments leave out, and for what is about the lines in front. */
  toFinding(comment: ShellcheckComment): Finding | undefined;
}

const linesInFront = 2;

/** @param own codes that rules here look for: they are not reported twice */
export function externalScripts(file: LintFile, own: ReadonlySet<string>): ExternalScript[] {
  const isSilenced = file.settings.noPragmas ? () => false : createSilencer(file);
  const told = new Set<string>();
  const { severities = {} } = file.settings;
  return file.index.shellCodes(file).map((code) => {
    const { source } = code.script;
    const starts = lineStarts(source.text);
    const offset = (line: number, column: number) => {
      const start = starts[line - linesInFront - 1] ?? source.text.length;
      let at = start;
      for (let left = column - 1; left > 0 && at < source.text.length; left--)
        at += source.text.codePointAt(at)! > 0xffff ? 2 : 1;
      return at;
    };
    return {
      text: `${head(code)}${source.text}\n`,
      toFinding({ line, column, endLine, endColumn, level, code: number, message }) {
        const rule = `SC${number}`;
        const given = Object.hasOwn(severities, rule) ? severities[rule]! : level;
        if (own.has(rule) || given === 'off' || line <= linesInFront) return undefined;
        const from = offset(line, column);
        const range = source.locate(from, Math.max(from, offset(endLine, endColumn)));
        const finding = toFinding(rule, given, { message, range, instruction: code.step.instruction });
        if (isSilenced?.(rule, finding.line)) return undefined;
        if (!file.compat) return finding;
        // As all of hadolint's: at the first line, once.
        const key = `${finding.line} ${rule}`;
        if (told.has(key)) return undefined;
        told.add(key);
        const at = { line: finding.line, column: 1 };
        return { ...finding, range: { start: at, end: at } };
      },
    };
  });
}

function head({ dialect, variables }: ShellCode): string {
  const names = [...variables].filter((name) => /^[A-Za-z_]\w*$/.test(name));
  return `#!/bin/${dialect}\nexport ${names.map((name) => `${name}=1`).join(' ')}\n`;
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
