// Which folder's configs count for a text, and when a text is linted anew.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { createDocumentLinter, editedText } from '../../src/lsp/lint-documents.ts';

const test = suite('lsp/lint-documents');

const folders = ['file:///code', 'file:///code/in%20ner', 'file:///other', 'vscode-vfs://far/away'].map(
  (uri) => ({
    uri,
    name: uri,
  }),
);

test('a text belongs to the innermost folder of the workspace that holds it, else to its own', () => {
  const placeOf = (uri: string, all = folders) => {
    const { path, folder } = editedText(uri, '', all);
    return [path, folder];
  };
  assert.equal(placeOf('file:///code/a/Dockerfile'), ['/code/a/Dockerfile', '/code']);
  assert.equal(placeOf('file:///code/in%20ner/Dockerfile'), ['/code/in ner/Dockerfile', '/code/in ner']);
  assert.equal(placeOf('file:///codebase/Dockerfile'), ['/codebase/Dockerfile', '/codebase']);
  assert.equal(placeOf('untitled:Untitled-1'), [undefined, '/code']);
  assert.equal(placeOf('untitled:Untitled-1', []), [undefined, undefined]);
  assert.equal(placeOf('file://host/%ff', []), [undefined, undefined]);
});

test('a version is linted once, unless it is forgotten or failed', async () => {
  let count = 0;
  const linter = createDocumentLinter({
    host: {
      lint: async ({ text }) => {
        count++;
        if (text === 'bug' && count === 1) throw new Error('once');
        return { findings: [], warnings: [] };
      },
      tryOut: async () => [],
      mend: async ({ text }) => text,
      stamp: () => '',
      page: () => undefined,
      pageUri: () => undefined,
    },
    folders: () => [],
    publish: () => {},
    warn: () => {},
    delay: 0,
  });
  const document = TextDocument.create('file:///a', 'dockerfile', 1, 'bug');
  assert.is(await linter.findings(document).catch((error: Error) => error.message), 'once');
  await Promise.all([linter.findings(document), linter.findings(document)]);
  await linter.findings(document);
  assert.is(count, 2);
  linter.forget('file:///a');
  await linter.findings(document);
  assert.is(count, 3);
  TextDocument.update(document, [{ text: 'FROM x' }], 2);
  await linter.findings(document);
  assert.is(count, 4);
});

test.run();
