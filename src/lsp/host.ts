// What the language server is given from outside: linting as the command line does, with its configs, and the pages of rules.
import type { Finding } from '../lint/open-linter.ts';

/** A text of an editor, saved or not. */
export interface EditedText {
  text: string;
  /** Absolute; undefined for a text that is no file. */
  path: string | undefined;
  /** The folder of the workspace that it belongs to: where the command line would be run. */
  folder: string | undefined;
}

export interface LintedEdit {
  findings: readonly Finding[];
  /** What is wrong with configs and helpers; the text was linted without them. */
  warnings: readonly string[];
}

export interface LintHost {
  /** As `slipway lint` in the folder; configs are read anew each time. */
  lint(text: EditedText, signal: AbortSignal): Promise<LintedEdit>;
  /** The same without other programs (shellcheck): for a text that is only tried. */
  tryOut(text: EditedText): Promise<readonly Finding[]>;
  /** The text as `slipway lint --fix` leaves it. */
  mend(text: EditedText): Promise<string>;
  /** Another one where a file has changed that says how a text is linted. */
  stamp(text: EditedText): string;
  /** The page of a rule, in Markdown. */
  page(code: string): string | undefined;
  /** Where that page lies; undefined where it has none. */
  pageUri(code: string): string | undefined;
}
