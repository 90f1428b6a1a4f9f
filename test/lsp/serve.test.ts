// The server over streams, with a linter that does as it is told: bugs, slowness, newer texts.
import { PassThrough } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createProtocolConnection,
  type PublishDiagnosticsParams,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';
import type { LintHost } from '../../src/lsp/host.ts';
import { serve } from '../../src/lsp/serve.ts';

const test = suite('lsp/serve');

interface Peer {
  open(uri: string, text: string, languageId?: string): Promise<void>;
  change(uri: string, version: number, text: string): Promise<void>;
  published: PublishDiagnosticsParams[];
  logs: string[];
  send(method: string, params?: object): Promise<unknown>;
  toServer: PassThrough;
  code: Promise<number>;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(5);
}

async function withServer(
  host: Partial<LintHost>,
  work: (peer: Peer) => Promise<void>,
  signal = new AbortController().signal,
): Promise<void> {
  const [toServer, toClient] = [new PassThrough(), new PassThrough()];
  const whole: LintHost = {
    lint: async () => ({ findings: [], warnings: [] }),
    tryOut: async () => [],
    mend: async ({ text }) => text,
    stamp: () => '',
    page: () => undefined,
    pageUri: () => undefined,
    ...host,
  };
  const options = { input: toServer, output: toClient, version: '1', parent: undefined, signal };
  const code = serve({ ...options, host: whole });
  code.catch(() => {});
  const connection = createProtocolConnection(
    new StreamMessageReader(toClient),
    new StreamMessageWriter(toServer),
  );
  const published: PublishDiagnosticsParams[] = [];
  const logs: string[] = [];
  connection.onNotification('textDocument/publishDiagnostics', (one: PublishDiagnosticsParams) => {
    published.push(one);
  });
  connection.onNotification('window/logMessage', ({ message }: { message: string }) => {
    logs.push(message);
  });
  connection.listen();
  await connection.sendRequest('initialize', { processId: null, rootUri: null, capabilities: {} });
  await connection.sendNotification('initialized', {});
  await work({
    ...{ published, logs, code, toServer },
    open: (uri, text, languageId = 'dockerfile') =>
      connection.sendNotification('textDocument/didOpen', {
        textDocument: { uri, languageId, version: 1, text },
      }),
    change: (uri, version, text) =>
      connection.sendNotification('textDocument/didChange', {
        textDocument: { uri, version },
        contentChanges: [{ text }],
      }),
    send: (method, params) => connection.sendRequest(method, params),
  });
  connection.dispose();
  toServer.end();
  await code.catch(() => {});
}

const finding = {
  rule: 'DL3000',
  message: 'm',
  range: { start: { line: 1, column: 1 }, end: { line: 1, column: 5 } },
  severity: 'error' as const,
  line: 1,
};

test('a bug with one text is logged, and the others are linted', async () => {
  const lint: LintHost['lint'] = async ({ text }) => {
    if (text.includes('bug')) throw new TypeError('x is not a function');
    return { findings: [finding], warnings: [] };
  };
  await withServer({ lint }, async ({ open, change, published, logs, send }) => {
    await open('file:///a', 'bug');
    await until(() => logs.length > 0);
    assert.match(logs[0]!, /^file:\/\/\/a can't be linted: TypeError: x is not a function/);
    const hover = send('textDocument/hover', {
      textDocument: { uri: 'file:///a' },
      position: { line: 0, character: 0 },
    });
    assert.match(String(await hover.catch((error: Error) => error.message)), /x is not a function/);
    await open('file:///b', 'FROM x');
    await until(() => published.length > 0);
    assert.equal([published[0]!.uri, published[0]!.diagnostics[0]!.code], ['file:///b', 'DL3000']);
    await change('file:///a', 2, 'FROM x');
    await until(() => published.length > 1);
    assert.equal([published[1]!.uri, published[1]!.version], ['file:///a', 2]);
  });
});

test('what was found in a text that is no longer the newest is told to nobody', async () => {
  const waiting: { text: string; signal: AbortSignal; done: () => void }[] = [];
  const lint: LintHost['lint'] = ({ text }, signal) =>
    new Promise((resolve) => {
      waiting.push({ text, signal, done: () => resolve({ findings: [finding], warnings: [] }) });
    });
  await withServer({ lint }, async ({ open, change, published }) => {
    await open('file:///a', 'FROM one');
    await until(() => waiting.length === 1);
    await change('file:///a', 2, 'FROM two');
    await until(() => waiting.length === 2);
    assert.is(waiting[0]!.signal.aborted, true);
    waiting[0]!.done();
    waiting[1]!.done();
    await until(() => published.length > 0);
    assert.equal(
      published.map(({ version }) => version),
      [2],
    );
  });
});

test('many changes are linted as one', async () => {
  const texts: string[] = [];
  const lint: LintHost['lint'] = async ({ text }) => {
    texts.push(text);
    return { findings: [], warnings: [] };
  };
  await withServer({ lint }, async ({ open, change, published }) => {
    await open('file:///a', '0');
    for (let version = 2; version <= 20; version++) void change('file:///a', version, `${version}`);
    await until(() => published.at(-1)?.version === 20);
    assert.is(texts.at(-1), '20');
    assert.ok(texts.length < 20, `${texts.length} times`);
  });
});

test('a text that is no Dockerfile is left alone, and what is wrong with a config is told once', async () => {
  const warnings = ['slipway.yaml:1:1: wrong'];
  const lint: LintHost['lint'] = async () => ({ findings: [finding], warnings });
  await withServer({ lint }, async ({ open, change, published, logs, send }) => {
    await open('file:///compose.yaml', 'services: {}', 'dockercompose');
    await open('file:///a', 'FROM x');
    await until(() => published.length === 1);
    await change('file:///a', 2, 'FROM y');
    await until(() => published.length === 2);
    assert.equal(new Set(published.map(({ uri }) => uri)), new Set(['file:///a']));
    assert.equal(logs, warnings);
    const textDocument = { uri: 'file:///compose.yaml' };
    assert.equal(await send('textDocument/documentSymbol', { textDocument }), []);
  });
});

test('a body that is no JSON is passed over, a header that is none ends it with 1', async () => {
  await withServer({}, async ({ open, published, toServer, code }) => {
    toServer.write('Content-Length: 3\r\n\r\n{a}');
    await open('file:///a', 'FROM x');
    await until(() => published.length === 1);
    toServer.write('\r\n\r\nnothing\r\n\r\n');
    assert.is(await code, 1);
  });
});

test('a cancel that names no request is passed over', async () => {
  await withServer({}, async ({ send, toServer }) => {
    for (const params of ['null', '{}', '{"id":null}', '[]']) {
      const body = `{"jsonrpc":"2.0","method":"$/cancelRequest","params":${params}}`;
      toServer.write(`Content-Length: ${body.length}\r\n\r\n${body}`);
    }
    assert.is(await send('shutdown'), null);
  });
});

test('it ends with 0 behind a shutdown, and with the reason where it is aborted', async () => {
  await withServer({}, async ({ send, toServer, code }) => {
    await send('shutdown');
    toServer.end();
    assert.is(await code, 0);
  });
  const controller = new AbortController();
  await withServer(
    {},
    async ({ code }) => {
      controller.abort(new Error('enough'));
      assert.is(await code.catch((error: Error) => error.message), 'enough');
    },
    controller.signal,
  );
});

test.run();
