// A client of the language server: starts `slipway lsp`, speaks the protocol by its official library, and keeps what it is told.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import {
  type ClientCapabilities,
  createProtocolConnection,
  type InitializeResult,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  type Registration,
  StreamMessageReader,
  StreamMessageWriter,
  type TextEdit,
} from 'vscode-languageserver-protocol/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { top } from './cli.ts';

export interface LspClient extends AsyncDisposable {
  connection: ProtocolConnection;
  child: ChildProcess;
  initialized: InitializeResult;
  /** Of window/logMessage. */
  logs: string[];
  registrations: Registration[];
  /** How often the server asked to be asked for diagnostics. */
  refreshes: () => number;
  /** Opens a document; gives its URI. */
  open(uri: string, text: string): Promise<string>;
  change(uri: string, version: number, text: string): Promise<void>;
  /** The next diagnostics of a document that pass. */
  diagnostics(
    uri: string,
    passes?: (params: PublishDiagnosticsParams) => boolean,
  ): Promise<PublishDiagnosticsParams>;
  /** Shutdown, exit: the exit code. */
  stop(): Promise<number | null>;
}

export interface LspClientOptions {
  /** The folder of the workspace. */
  folder: string;
  /** The state folder. */
  root: string;
  capabilities?: ClientCapabilities;
  args?: string[];
  /** The process that the server is to end with. */
  processId?: number | null;
}

export function spawnLsp({ folder, root, args = ['--stdio'] }: LspClientOptions): ChildProcess {
  const main = join(top, 'dist/cli/main.js');
  const env = { ...process.env, SLIPWAY_ROOT: root, HOME: folder, XDG_CONFIG_HOME: join(folder, 'xdg') };
  delete (env as Record<string, string>)['NODE_EXTRA_CA_CERTS'];
  return spawn(process.execPath, [main, 'lsp', ...args], {
    cwd: '/',
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

export async function startLsp(options: LspClientOptions): Promise<LspClient> {
  const { folder, capabilities = {}, processId = null } = options;
  const child = spawnLsp(options);
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout!),
    new StreamMessageWriter(child.stdin!),
  );
  const published: PublishDiagnosticsParams[] = [];
  const logs: string[] = [];
  const registrations: Registration[] = [];
  let refreshes = 0;
  connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
    published.push(params);
  });
  connection.onNotification('window/logMessage', ({ message }: { message: string }) => {
    logs.push(message);
  });
  connection.onRequest('client/registerCapability', (params: { registrations: Registration[] }) => {
    registrations.push(...params.registrations);
  });
  connection.onRequest('workspace/diagnostic/refresh', () => {
    refreshes++;
    return null;
  });
  connection.listen();
  const uri = pathToFileURL(folder).href;
  const initialized: InitializeResult = await connection.sendRequest('initialize', {
    processId,
    rootUri: uri,
    workspaceFolders: [{ uri, name: 'work' }],
    capabilities: { ...capabilities, workspace: { workspaceFolders: true, ...capabilities.workspace } },
  });
  await connection.sendNotification('initialized', {});
  const exited = once(child, 'exit');

  return {
    ...{ connection, child, initialized, logs, registrations, refreshes: () => refreshes },
    async open(one, text) {
      const textDocument = { uri: one, languageId: 'dockerfile', version: 1, text };
      await connection.sendNotification('textDocument/didOpen', { textDocument });
      return one;
    },
    async change(one, version, text) {
      const textDocument = { uri: one, version };
      await connection.sendNotification('textDocument/didChange', {
        textDocument,
        contentChanges: [{ text }],
      });
    },
    async diagnostics(one, passes = () => true) {
      for (;;) {
        const at = published.findIndex((params) => params.uri === one && passes(params));
        if (at >= 0) return published.splice(0, at + 1).at(-1)!;
        if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
        await setTimeout(10);
      }
    },
    async stop() {
      await connection.sendRequest('shutdown');
      await connection.sendNotification('exit');
      const [code] = await exited;
      return code as number | null;
    },
    async [Symbol.asyncDispose]() {
      connection.dispose();
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await exited;
      }
    },
  };
}

/** A text with edits done to it, as an editor does them. */
export function withEdits(text: string, edits: readonly TextEdit[]): string {
  return TextDocument.applyEdits(TextDocument.create('file:///x', 'dockerfile', 1, text), [...edits]);
}
