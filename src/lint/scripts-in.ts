// The shell code of a Dockerfile for ShellCheck, the program.
import { readLintFile } from './lint-file.ts';
import { scRules } from './rules/sc/index.ts';
import type { LintSettings } from './settings.ts';
import { type ExternalScript, externalScripts } from './shell/external-scripts.ts';

const own = new Set(scRules.map(({ code }) => code));

/** What the rules here look for is left out of what ShellCheck says. */
export function scriptsIn(text: string, name: string, settings: LintSettings = {}): ExternalScript[] {
  return externalScripts(readLintFile(text, name, settings), own);
}
