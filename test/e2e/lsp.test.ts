// The language server as editors use it: a process, a client, and texts that change.
import { once } from 'node:events';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type {
  CodeAction,
  CompletionItem,
  Diagnostic,
  DocumentDiagnosticReport,
  DocumentSymbol,
  FoldingRange,
  Hover,
  Location,
  MarkupContent,
  Range,
  TextEdit,
  WorkspaceEdit,
} from 'vscode-languageserver-protocol';
import { top } from '../support/cli.ts';
import { type LspClient, spawnLsp, startLsp, withEdits } from '../support/lsp-client.ts';
import { runCommand } from '../support/run-command.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const test = suite('e2e/lsp');

const versioned = { workspace: { workspaceEdit: { documentChanges: true } } };

async function withClient(
  work: (client: LspClient, dir: TempDir) => Promise<void>,
  options: Partial<Parameters<typeof startLsp>[0]> = {},
): Promise<void> {
  await using dir = await tempDir();
  mkdirSync(dir.file('work'));
  writeFileSync(dir.file('work/.dockerignore'), '');
  await using client = await startLsp({
    folder: dir.file('work'),
    root: dir.file('state'),
    capabilities: versioned,
    ...options,
  });
  await work(client, dir);
}

const uriOf = (dir: TempDir, name = 'Dockerfile') => pathToFileURL(dir.file('work', name)).href;
const codes = ({ diagnostics }: { diagnostics: Diagnostic[] }) => diagnostics.map(({ code }) => code);

function rangeOf(text: string, part: string): Range {
  const at = text.indexOf(part);
  const before = text.slice(0, at).split('\n');
  const start = { line: before.length - 1, character: before.at(-1)!.length };
  return { start, end: { line: start.line, character: start.character + part.length } };
}

/** The edits of one document. */
function editsOf({ documentChanges = [], changes = {} }: WorkspaceEdit): TextEdit[] {
  const versionedEdits = documentChanges.flatMap((change) => ('edits' in change ? change.edits : []));
  return [...versionedEdits, ...Object.values(changes).flat()] as TextEdit[];
}

test('a text that is open is linted as it stands there, with the place, the code, its page and the version', async () => {
  await withClient(async (client, dir) => {
    const uri = await client.open(
      uriOf(dir),
      'FROM debian:12\nRUN apt-get install -y --no-install-recommends 😀curl\n',
    );
    const { version, diagnostics } = await client.diagnostics(uri);
    assert.is(version, 1);
    const found = diagnostics.find(({ code }) => code === 'DL3008')!;
    assert.equal(found.range, rangeOf('\nRUN apt-get install -y --no-install-recommends 😀curl', '😀curl'));
    assert.is(found.severity, 2);
    assert.is(found.source, 'slipway');
    assert.match(found.codeDescription!.href, /^file:.*docs\/rules\/DL3008\.md$/);
    await client.change(uri, 2, 'FROM debian:12\nWORKDIR app\n');
    const next = await client.diagnostics(uri, ({ version: of }) => of === 2);
    assert.equal(codes(next), ['DL3000']);
    await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
    assert.equal((await client.diagnostics(uri)).diagnostics, []);
    assert.is(await client.stop(), 0);
  });
});

test('parts of a text that change come together, and only the newest is told of', async () => {
  await withClient(async (client, dir) => {
    const uri = await client.open(uriOf(dir), 'FROM debian:12\nWORKDIR /a\n');
    const change = (version: number, text: string) =>
      client.connection.sendNotification('textDocument/didChange', {
        textDocument: { uri, version },
        contentChanges: [{ range: rangeOf('FROM debian:12', '12'), text }],
      });
    await change(2, 'lates');
    await client.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version: 3 },
      contentChanges: [{ range: rangeOf('FROM debian:lates', 'lates'), text: 'latest' }],
    });
    const found = await client.diagnostics(uri);
    assert.is(found.version, 3);
    assert.equal(codes(found), ['DL3007']);
  });
});

test('a fix that is done to the text takes the finding away, and the comment that ignores it does so, too', async () => {
  await withClient(async (client, dir) => {
    const text = 'FROM debian:12 as a\r\nRUN true\r\nRUN cd /x\r\n';
    const uri = await client.open(uriOf(dir), text);
    const { diagnostics } = await client.diagnostics(uri);
    const actionsAt = async (code: string) => {
      const { range } = diagnostics.find((one) => one.code === code)!;
      const params = { textDocument: { uri }, range, context: { diagnostics } };
      const actions: CodeAction[] = await client.connection.sendRequest('textDocument/codeAction', params);
      return actions.filter((one) => one.diagnostics?.every((other) => other.code === code));
    };
    let version = 1;
    const leaves = async (action: CodeAction, code: string) => {
      const changed = withEdits(text, editsOf(action.edit!));
      assert.not.match(changed, /[^\r]\n/, 'line ends stay');
      version++;
      await client.change(uri, version, changed);
      const found = await client.diagnostics(uri, (params) => params.version === version);
      assert.not.ok(codes(found).includes(code), `${action.title} leaves ${code} in ${changed}`);
    };
    const casing = await actionsAt('FromAsCasing');
    const fix = casing.find(({ isPreferred }) => isPreferred)!;
    assert.is(fix.kind, 'quickfix');
    assert.equal(
      fix.edit!.documentChanges!.map((one) => 'textDocument' in one && one.textDocument),
      [{ uri, version: 1 }],
    );
    const ignores = casing.filter(({ title }) => title.startsWith('Ignore'));
    assert.equal(
      ignores.map(({ title }) => title),
      ['Ignore FromAsCasing here', 'Ignore FromAsCasing in this file'],
    );
    const suggested = (await actionsAt('DL3003')).find(
      ({ edit, title }) => edit && !title.startsWith('Ignore'),
    );
    assert.is(suggested?.isPreferred, undefined);
    for (const action of [fix, ...ignores]) await leaves(action, 'FromAsCasing');
  });
});

test('all safe fixes come as one action of the source', async () => {
  await withClient(async (client, dir) => {
    const text = 'FROM debian:12 as a\nRUN apt-get install curl=1\nMAINTAINER x\n';
    const uri = await client.open(uriOf(dir), text);
    const [action, ...more]: CodeAction[] = await client.connection.sendRequest('textDocument/codeAction', {
      textDocument: { uri },
      range: rangeOf(text, 'FROM'),
      context: { diagnostics: [], only: ['source.fixAll'] },
    });
    assert.equal(more, []);
    assert.is(action!.kind, 'source.fixAll.slipway');
    const mended = withEdits(text, editsOf(action!.edit!));
    assert.match(mended, /^FROM debian:12 AS a\nRUN apt-get install .*-y .*curl=1\nLABEL /);
  });
});

test('hover shows the page of a finding, what an instruction does, and what names stand for', async () => {
  await withClient(async (client, dir) => {
    const text =
      'ARG BASE=debian:12\nFROM $BASE AS base\nARG PORT=80\nENV URL=http://x:$PORT\nFROM base\nCOPY --from=base a /b/\nRUN cd /x\nLABEL u=$URL\n';
    const uri = await client.open(uriOf(dir), text);
    const hover = async (part: string, skip = 0) => {
      const { start } = rangeOf(text, part);
      const position = { line: start.line, character: start.character + skip };
      const params = { textDocument: { uri }, position };
      const found: Hover | null = await client.connection.sendRequest('textDocument/hover', params);
      return (found?.contents as MarkupContent | undefined)?.value ?? '';
    };
    assert.match(await hover('cd /x'), /^# DL3003\n/);
    assert.match(await hover('COPY'), /--from=STAGE.*\n```\n\nCopies files/);
    assert.match(await hover('$BASE', 2), /ARG `BASE`, line 1: = `debian:12`/);
    assert.match(await hover('$URL', 2), /ENV `URL`, line 4: = `http:\/\/x:80`/);
    assert.match(await hover('--from=base', 8), /^stage `base`, line 2: on `\$BASE`/);
    assert.is(await hover('/b/'), '');
  });
});

test('formatting is told as edits, of a text or of some of its lines', async () => {
  await withClient(async (client) => {
    const text = 'from  debian:12\n\n\n\n\nrun x  \n';
    const uri = await client.open('untitled:Untitled-1', text);
    const options = { tabSize: 2, insertSpaces: true };
    const whole: TextEdit[] = await client.connection.sendRequest('textDocument/formatting', {
      ...{ textDocument: { uri }, options },
    });
    assert.is(withEdits(text, whole), 'FROM debian:12\n\n\nRUN x\n');
    const part: TextEdit[] = await client.connection.sendRequest('textDocument/rangeFormatting', {
      ...{ textDocument: { uri }, options },
      range: rangeOf(text, 'run'),
    });
    assert.is(withEdits(text, part), 'from  debian:12\n\n\n\n\nRUN x\n');
  });
});

test('names have their definitions and uses, and are renamed where they are the same', async () => {
  await withClient(async (client, dir) => {
    const text =
      'ARG V=1\nFROM debian:$V AS one\nARG V\nRUN echo ${V}\nFROM one\nRUN --mount=from=one,target=/x true\nCOPY --from=ONE a /b\nFROM scratch\nENV V=2\n';
    const uri = await client.open(uriOf(dir), text);
    const at = (part: string, skip: number) => {
      const { start } = rangeOf(text, part);
      return { textDocument: { uri }, position: { ...start, character: start.character + skip } };
    };
    const definition: Location[] = await client.connection.sendRequest(
      'textDocument/definition',
      at('from=one', 5),
    );
    assert.equal(definition, [
      { uri, range: { start: { line: 1, character: 18 }, end: { line: 1, character: 21 } } },
    ]);
    const references: Location[] = await client.connection.sendRequest('textDocument/references', {
      ...at('AS one', 3),
      context: { includeDeclaration: false },
    });
    assert.equal(
      references.map(({ range }) => range.start.line),
      [4, 5, 6],
    );
    const rename: WorkspaceEdit = await client.connection.sendRequest('textDocument/rename', {
      ...at('${V}', 2),
      newName: 'VERSION',
    });
    assert.is(
      withEdits(text, editsOf(rename)),
      text
        .replace('ARG V=1', 'ARG VERSION=1')
        .replace('$V AS', '$VERSION AS')
        .replace('ARG V\n', 'ARG VERSION\n')
        .replace('${V}', '${VERSION}'),
    );
    const refused = await client.connection
      .sendRequest('textDocument/rename', { ...at('${V}', 2), newName: 'no name' })
      .catch((error: Error) => error.message);
    assert.match(String(refused), /is no name of a variable/);
  });
});

test('what may stand somewhere is completed, and stages, instructions and heredocs are outlined', async () => {
  await withClient(async (client, dir) => {
    const lines = [
      'FROM debian:12 AS one',
      'ARG NAME=1',
      'FROM one',
      'COPY --from=',
      'RUN --mount=type=',
      'ENV A=$',
      'RU',
      'RUN --mount=type=cache,sh',
      'RUN <<E',
      'x',
      'E',
      '',
    ];
    const uri = await client.open(uriOf(dir), lines.join('\n'));
    const complete = async (line: number) => {
      const position = { line, character: lines[line]!.length };
      const params = { textDocument: { uri }, position };
      const items: CompletionItem[] = await client.connection.sendRequest('textDocument/completion', params);
      return items.map(({ label }) => label);
    };
    assert.equal(await complete(3), ['one']);
    assert.equal(await complete(4), ['bind', 'cache', 'tmpfs', 'secret', 'ssh']);
    assert.ok((await complete(5)).includes('NAME'));
    assert.ok((await complete(6)).includes('RUN'));
    assert.ok((await complete(7)).includes('sharing'));
    assert.equal(await complete(9), []);
    const params = { textDocument: { uri } };
    const symbols: DocumentSymbol[] = await client.connection.sendRequest(
      'textDocument/documentSymbol',
      params,
    );
    assert.equal(
      symbols.map(({ name, children }) => [name, children![0]!.name]),
      [
        ['one', 'ARG NAME=1'],
        ['one', 'RUN --mount=type='],
      ],
    );
    const folds: FoldingRange[] = await client.connection.sendRequest('textDocument/foldingRange', params);
    assert.ok(folds.some(({ startLine, endLine }) => startLine === 8 && endLine === 10));
  });
});

test('configs and baselines count as on the command line, and anew when they change', async () => {
  const watching = { didChangeWatchedFiles: { dynamicRegistration: true } };
  const capabilities = { workspace: watching };
  await withClient(
    async (client, dir) => {
      const text = 'FROM debian:12\nWORKDIR app\nRUN cd /x && true\n';
      const uri = await client.open(uriOf(dir), text);
      assert.equal(codes(await client.diagnostics(uri)), ['DL3000', 'DL3003']);
      const write = async (name: string, config: string) => {
        writeFileSync(dir.file('work', name), config);
        const changes = [{ uri: uriOf(dir, name), type: 2 }];
        await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
        return client.diagnostics(uri);
      };
      assert.equal(codes(await write('.hadolint.yaml', 'ignored: [DL3000, WorkdirRelativePath]\n')), [
        'DL3003',
      ]);
      const own = await write('slipway.yaml', 'lint: {rules: {DL3003: error}}\n');
      assert.equal(
        own.diagnostics.map(({ severity }) => severity),
        [1],
      );
      const broken = await write('slipway.yaml', 'lint: {rules: {DL3003: nothing}}\n');
      assert.equal(codes(broken), ['DL3003'], 'the config before goes on to count');
      assert.match(client.logs.join('\n'), /slipway\.yaml:1:\d+: .*nothing/);
      assert.equal(codes(await write('slipway.yaml', 'lint: {exclude: [Dockerfile]}\n')), []);
      const { registerOptions } = client.registrations[0]!;
      assert.match(JSON.stringify(registerOptions), /slipway\.yaml/);
    },
    { capabilities },
  );
});

test('a config that changes counts, though the client tells of no files', async () => {
  await withClient(async (client, dir) => {
    const uri = await client.open(uriOf(dir), 'FROM debian:12\nRUN cd /x && true\n');
    assert.equal(codes(await client.diagnostics(uri)), ['DL3003']);
    writeFileSync(dir.file('work/.hadolint.yaml'), 'ignored: [DL3003]\n');
    const { version, diagnostics } = await client.diagnostics(
      uri,
      (params) => params.diagnostics.length === 0,
    );
    assert.equal([version, diagnostics], [1, []]);
  });
});

test('a client that asks for diagnostics is told when asked, and to ask again', async () => {
  const capabilities = {
    textDocument: { diagnostic: {} },
    workspace: { diagnostics: { refreshSupport: true } },
  };
  await withClient(
    async (client, dir) => {
      const uri = await client.open(uriOf(dir), 'FROM debian:12\nWORKDIR app\n');
      const ask = async () => {
        const params = { textDocument: { uri } };
        const report: DocumentDiagnosticReport = await client.connection.sendRequest(
          'textDocument/diagnostic',
          params,
        );
        return report.kind === 'full' ? report.items.map(({ code }) => code) : [];
      };
      assert.equal(await ask(), ['DL3000']);
      writeFileSync(dir.file('work/.hadolint.yaml'), 'ignored: [DL3000, WorkdirRelativePath]\n');
      const changes = [{ uri: uriOf(dir, '.hadolint.yaml'), type: 1 }];
      await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
      assert.equal(await ask(), []);
      assert.is(client.refreshes(), 1);
    },
    { capabilities },
  );
});

test('it ends with 1 where nobody asked it to, with garbage, and when the client is gone', async () => {
  await using dir = await tempDir();
  const options = { folder: dir.path, root: dir.file('state') };
  const ends = async (input: string | undefined, args?: string[]) => {
    const child = spawnLsp({ ...options, ...(args ? { args } : {}) });
    const exited = once(child, 'exit');
    child.stdout!.resume();
    if (input !== undefined) child.stdin!.end(input);
    const [code] = await exited;
    child.stdin!.destroy();
    return code as number | null;
  };
  const exit = JSON.stringify({ jsonrpc: '2.0', method: 'exit' });
  assert.is(await ends(`Content-Length: ${exit.length}\r\n\r\n${exit}`), 1);
  assert.is(await ends('what is this?\r\n\r\n{}'), 1);
  assert.is(await ends(''), 1);
  // A process that has ended.
  const gone = spawnLsp({ ...options, args: ['--help'] });
  gone.stdout!.resume();
  await once(gone, 'exit');
  assert.is(await ends(undefined, ['--stdio', `--clientProcessId=${gone.pid}`]), 1);
  await using client = await startLsp({ ...options, processId: gone.pid! });
  const [code] = client.child.exitCode === null ? await once(client.child, 'exit') : [client.child.exitCode];
  assert.is(code, 1);
});

test('without the optional packages it says how to get them', async () => {
  await using dir = await tempDir();
  cpSync(join(top, 'dist/cli'), dir.file('dist/cli'), { recursive: true });
  cpSync(join(top, 'package.json'), dir.file('package.json'));
  // One that has nothing stands before any that the machine may have further up.
  mkdirSync(dir.file('node_modules/vscode-languageserver'), { recursive: true });
  writeFileSync(dir.file('node_modules/vscode-languageserver/package.json'), '{"exports": {}}');
  const command = [process.execPath, dir.file('dist/cli/main.js'), 'lsp'] as const;
  const { code, stdout, stderr } = await runCommand([...command], { cwd: dir.path });
  assert.equal([code, stdout], [2, '']);
  assert.match(stderr, /needs the package vscode-languageserver\n.*npm install vscode-languageserver /s);
});

test.run();
