// Answers each request of a client, by what its capabilities allow.
import type {
  ClientCapabilities,
  Connection,
  Position,
  ServerCapabilities,
  WorkspaceFolder,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { isSlipwayError } from '../errors.ts';
import { codeActions, fixAllKind } from './code-actions.ts';
import { completions, triggerCharacters } from './completion.ts';
import { sourceName, toDiagnostic } from './diagnostics.ts';
import { definitionsOf, referencesOf, renameEdits, renameRange } from './find-uses.ts';
import { formatEdits } from './format-edits.ts';
import type { LintHost } from './host.ts';
import { hoverText } from './hover.ts';
import { createDocumentLinter, isAbort } from './lint-documents.ts';
import type { ProtocolLibrary } from './load-library.ts';
import { type Outline, outlineOf } from './outline.ts';
import { documentSymbols, foldingRanges } from './symbols.ts';

/** A pause in typing. */
const lintDelay = 150;

/** Milliseconds between looks at configs, which a client may not tell of, as those outside of the workspace. */
const configInterval = 1000;

/** Files that say how others are linted. */
const watched = '**/{.hadolint.yaml,.hadolint.yml,slipway.yaml,slipway.yml,*.dockerignore,*baseline*.json}';

interface Options {
  host: LintHost;
  version: string;
  library: Pick<ProtocolLibrary, 'common' | 'documents'>;
}

/** @returns what ends all that is under way */
export function answerRequests(connection: Connection, { host, version, library }: Options): () => void {
  const { common, documents: texts } = library;
  const documents = new common.TextDocuments(texts.TextDocument);
  let client: ClientCapabilities = {};
  let folders: readonly WorkspaceFolder[] = [];
  const pulls = () => client.textDocument?.diagnostic !== undefined;
  const linter = createDocumentLinter({
    host,
    folders: () => folders,
    publish: (document, findings) => {
      const { places } = outlineOf(document);
      const diagnostics = findings.map((finding) => toDiagnostic(finding, places, host));
      const { uri, version: of } = document;
      send(connection.sendDiagnostics({ uri, version: of, diagnostics }));
    },
    warn: (message) => connection.console.warn(message),
    delay: lintDelay,
  });

  connection.onInitialize((params) => {
    client = params.capabilities;
    const root = params.rootUri ? [{ uri: params.rootUri, name: 'root' }] : [];
    folders = params.workspaceFolders ?? root;
    return { capabilities: serverCapabilities(client), serverInfo: { name: sourceName, version } };
  });
  connection.onInitialized(() => {
    if (client.workspace?.workspaceFolders) {
      connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        const gone = new Set(removed.map(({ uri }) => uri));
        folders = [...folders.filter(({ uri }) => !gone.has(uri)), ...added];
        lintAll(documents.all());
      });
    }
    if (client.workspace?.didChangeWatchedFiles?.dynamicRegistration) {
      const watchers = [{ globPattern: watched }];
      send(connection.client.register(common.DidChangeWatchedFilesNotification.type, { watchers }));
    }
  });

  /** Whatever texts are linted with has changed. */
  function lintAll(changed: readonly TextDocument[]): void {
    for (const document of changed) lintAgain(document);
    if (pulls() && client.workspace?.diagnostics?.refreshSupport)
      send(connection.languages.diagnostics.refresh());
  }
  function lintAgain(document: TextDocument): void {
    linter.forget(document.uri);
    if (isDockerfile(document) && !pulls()) linter.soon(document);
  }
  /** A client that is gone misses nothing. */
  function send(sent: Promise<unknown>): void {
    sent.catch(() => {});
  }

  const timer = setInterval(() => {
    const outdated = documents.all().filter((document) => linter.isOutdated(document));
    if (outdated.length > 0) lintAll(outdated);
  }, configInterval);
  connection.onDidChangeWatchedFiles(() => lintAll(documents.all()));
  documents.onDidChangeContent(({ document }) => lintAgain(document));
  documents.onDidSave(({ document }) => lintAgain(document));
  documents.onDidClose(({ document: { uri } }) => {
    linter.forget(uri);
    if (!pulls()) send(connection.sendDiagnostics({ uri, diagnostics: [] }));
  });

  /** What `work` finds in a document; `otherwise` where there is no such one. */
  async function inDocument<T>(
    { textDocument: { uri } }: { textDocument: { uri: string } },
    otherwise: T,
    work: (outline: Outline, document: TextDocument) => T | Promise<T>,
  ): Promise<T> {
    const document = documents.get(uri);
    try {
      return document && isDockerfile(document) ? await work(outlineOf(document), document) : otherwise;
    } catch (error) {
      if (isAbort(error)) {
        // The text is another one by now; a client that still wants to know asks again.
        const code = common.LSPErrorCodes.ServerCancelled;
        return new common.ResponseError(code, 'the text changed', { retriggerRequest: true }) as never;
      }
      if (!isSlipwayError(error)) throw error;
      const message = error.hint === undefined ? error.message : `${error.message}: ${error.hint}`;
      return new common.ResponseError(common.LSPErrorCodes.RequestFailed, message) as never;
    }
  }
  const at = ({ places }: Outline, position: Position) => places.offsetAt(position);

  connection.languages.diagnostics.on((params) =>
    inDocument(params, { kind: 'full' as const, items: [] }, async ({ places }, document) => {
      const findings = await linter.findings(document);
      return { kind: 'full', items: findings.map((finding) => toDiagnostic(finding, places, host)) };
    }),
  );
  connection.onHover((params) =>
    inDocument(params, null, async (outline, document) => {
      const findings = await linter.findings(document);
      const found = hoverText(outline, at(outline, params.position), { findings, host });
      if (found === undefined) return null;
      const format = client.textDocument?.hover?.contentFormat ?? ['markdown'];
      const kind = format.includes('markdown') ? 'markdown' : 'plaintext';
      const { text: value, range } = found;
      return { contents: { kind, value }, ...(range === undefined ? {} : { range }) };
    }),
  );
  connection.onCodeAction((params) =>
    inDocument(params, [], async (outline, document) =>
      codeActions(outline, {
        range: params.range,
        only: params.context.only,
        findings: await linter.findings(document),
        tryOut: (text) => linter.tryOut(document, text),
        mend: () => linter.mend(document),
        host,
        isVersioned: client.workspace?.workspaceEdit?.documentChanges === true,
      }),
    ),
  );
  connection.onDocumentFormatting((params) => inDocument(params, [], (outline) => formatEdits(outline)));
  connection.onDocumentRangeFormatting((params) =>
    inDocument(params, [], (outline) => formatEdits(outline, params.range)),
  );
  connection.onDocumentSymbol((params) => inDocument(params, [], documentSymbols));
  connection.onFoldingRanges((params) => inDocument(params, [], foldingRanges));
  connection.onCompletion((params) =>
    inDocument(params, [], (outline) => completions(outline, at(outline, params.position))),
  );
  connection.onDefinition((params) =>
    inDocument(params, [], (outline) => definitionsOf(outline, at(outline, params.position))),
  );
  connection.onReferences((params) =>
    inDocument(params, [], (outline) =>
      referencesOf(outline, at(outline, params.position), params.context.includeDeclaration),
    ),
  );
  connection.onPrepareRename((params) =>
    inDocument(params, null, (outline) => renameRange(outline, at(outline, params.position)) ?? null),
  );
  connection.onRenameRequest((params) =>
    inDocument(params, null, (outline) => {
      const edits = renameEdits(outline, at(outline, params.position), params.newName);
      const { uri, version: of } = outline;
      return client.workspace?.workspaceEdit?.documentChanges
        ? { documentChanges: [{ textDocument: { uri, version: of }, edits }] }
        : { changes: { [uri]: edits } };
    }),
  );
  const stop = () => {
    clearInterval(timer);
    linter.stop();
  };
  connection.onShutdown(stop);
  documents.listen(connection);
  return stop;
}

/** Clients that are set up for more bring Compose and bake files, too. */
function isDockerfile({ languageId }: TextDocument): boolean {
  return !/compose|bake|yaml|json|hcl/i.test(languageId);
}

function serverCapabilities({ workspace }: ClientCapabilities): ServerCapabilities {
  return {
    // The encoding that every client knows: others are never needed.
    positionEncoding: 'utf-16',
    textDocumentSync: { openClose: true, change: 2, save: { includeText: false } },
    diagnosticProvider: { identifier: sourceName, interFileDependencies: false, workspaceDiagnostics: false },
    hoverProvider: true,
    codeActionProvider: { codeActionKinds: ['quickfix', fixAllKind] },
    documentFormattingProvider: true,
    documentRangeFormattingProvider: true,
    documentSymbolProvider: true,
    foldingRangeProvider: true,
    completionProvider: { triggerCharacters },
    definitionProvider: true,
    referencesProvider: true,
    renameProvider: { prepareProvider: true },
    ...(workspace?.workspaceFolders
      ? { workspace: { workspaceFolders: { supported: true, changeNotifications: true } } }
      : {}),
  };
}
