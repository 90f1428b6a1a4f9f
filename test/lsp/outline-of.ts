// A text as the language server looks at it, and places in it by what stands there.
import { TextDocument } from 'vscode-languageserver-textdocument';
import { type Outline, outlineOf } from '../../src/lsp/outline.ts';

export const uri = 'file:///code/Dockerfile';

/** The outline of a text without its mark `|`, and where that is. */
export function marked(text: string): { outline: Outline; offset: number; text: string } {
  const offset = text.indexOf('|');
  const plain = text.slice(0, offset) + text.slice(offset + 1);
  return { outline: outlineFor(plain), offset, text: plain };
}

export function outlineFor(text: string): Outline {
  return outlineOf(TextDocument.create(uri, 'dockerfile', 1, text));
}
