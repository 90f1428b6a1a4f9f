// Lints open documents: soon after a change, never for a text that is no longer the newest, and once for each version.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WorkspaceFolder } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Finding } from '../lint/open-linter.ts';
import type { EditedText, LintHost } from './host.ts';

export interface DocumentLinter {
  /** Of this very version; linted now, unless it is known. */
  findings(document: TextDocument): Promise<readonly Finding[]>;
  /** Of another text in the document's place. */
  tryOut(document: TextDocument, text: string): Promise<readonly Finding[]>;
  mend(document: TextDocument): Promise<string>;
  /** Whether files that say how it is linted have changed since it was linted, or this was asked. */
  isOutdated(document: TextDocument): boolean;
  /** Calls `publish` when the document has been left alone for a moment. */
  soon(document: TextDocument): void;
  /** The document is closed, or what it was linted with has changed. */
  forget(uri: string): void;
  stop(): void;
}

interface Options {
  host: LintHost;
  folders: () => readonly WorkspaceFolder[];
  publish: (document: TextDocument, findings: readonly Finding[]) => void;
  /** Told of what is wrong with configs, and of bugs; each message once until another one takes its place. */
  warn: (message: string) => void;
  /** Milliseconds. */
  delay: number;
}

interface Known {
  version: number;
  findings: Promise<readonly Finding[]>;
  controller: AbortController;
}

export function createDocumentLinter({ host, folders, publish, warn, delay }: Options): DocumentLinter {
  const timers = new Map<string, NodeJS.Timeout>();
  const known = new Map<string, Known>();
  const told = new Map<string, string>();
  const stamps = new Map<string, string>();

  async function lint(document: TextDocument, text: string, signal: AbortSignal) {
    const { findings, warnings } = await host.lint(editedText(document.uri, text, folders()), signal);
    const message = warnings.join('\n');
    if (message !== '' && told.get(document.uri) !== message) warn(message);
    told.set(document.uri, message);
    return findings;
  }

  function findings(document: TextDocument): Promise<readonly Finding[]> {
    const kept = known.get(document.uri);
    if (kept?.version === document.version) return kept.findings;
    forget(document.uri);
    const controller = new AbortController();
    stamps.set(document.uri, host.stamp(editedText(document.uri, '', folders())));
    const fresh = lint(document, document.getText(), controller.signal);
    const { version } = document;
    known.set(document.uri, { version, findings: fresh, controller });
    // What failed is tried again.
    fresh.catch(() => known.get(document.uri)?.findings === fresh && known.delete(document.uri));
    return fresh;
  }

  async function show(document: TextDocument): Promise<void> {
    const { version } = document;
    try {
      const found = await findings(document);
      if (version === document.version && known.has(document.uri)) publish(document, found);
    } catch (error) {
      if (version !== document.version || isAbort(error)) return;
      warn(
        `${document.uri} can't be linted: ${error instanceof Error ? (error.stack ?? error.message) : error}`,
      );
    }
  }

  function forget(uri: string): void {
    clearTimeout(timers.get(uri));
    timers.delete(uri);
    known.get(uri)?.controller.abort();
    known.delete(uri);
  }

  return {
    findings,
    tryOut: (document, text) => host.tryOut(editedText(document.uri, text, folders())),
    mend: (document) => host.mend(editedText(document.uri, document.getText(), folders())),
    isOutdated(document) {
      const { uri } = document;
      const before = stamps.get(uri);
      if (before === undefined) return false;
      const stamp = host.stamp(editedText(uri, '', folders()));
      stamps.set(uri, stamp);
      return before !== stamp;
    },
    soon(document) {
      forget(document.uri);
      timers.set(
        document.uri,
        setTimeout(() => void show(document), delay),
      );
    },
    forget,
    stop() {
      for (const uri of new Set([...timers.keys(), ...known.keys()])) forget(uri);
    },
  };
}

/** Work that nobody waits for any more. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** With the innermost folder of the workspace that holds it; without one the command line would be run beside it. */
export function editedText(uri: string, text: string, folders: readonly WorkspaceFolder[]): EditedText {
  const path = pathOf(uri);
  const paths = folders.flatMap((folder) => pathOf(folder.uri) ?? []);
  const holds = (folder: string) => path?.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
  const holder = paths.filter(holds).sort((a, b) => b.length - a.length)[0];
  return { text, path, folder: path === undefined ? paths[0] : (holder ?? dirname(path)) };
}

/** Undefined for what is no file of this machine: a text without a name, one in an archive. */
export function pathOf(uri: string): string | undefined {
  if (!uri.startsWith('file:')) return undefined;
  try {
    return fileURLToPath(uri);
  } catch {
    return undefined;
  }
}
