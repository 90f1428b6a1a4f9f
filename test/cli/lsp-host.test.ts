// How the language server lints: as the command line does in the folder of the workspace.
import { mkdirSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runLint } from '../../src/cli/commands/lint.ts';
import { createLintHost } from '../../src/cli/commands/lsp-host.ts';
import { openLinter, openLintTools } from '../../src/index.ts';
import { createTestSession } from '../support/cli-session.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const test = suite('cli/lsp-host');

const [linter, tools] = await Promise.all([openLinter(), openLintTools()]);
const text = 'FROM debian:12\nWORKDIR app\nRUN cd /x && true\n';

function hostFor(dir: TempDir, texts: { config?: string } = {}, env: Record<string, string> = {}) {
  const session = createTestSession({
    cwd: '/',
    home: dir.path,
    env: { SLIPWAY_ROOT: dir.file('state'), ...env },
  });
  const host = createLintHost(session, { linter, tools, texts, booleans: {} });
  return {
    ...host,
    async codes(name: string | undefined, own = text) {
      const path = name === undefined ? undefined : dir.file(name);
      const edited = { text: own, path, folder: dir.path };
      const { findings, warnings } = await host.lint(edited, new AbortController().signal);
      return { codes: findings.map(({ rule }) => rule), warnings };
    },
  };
}

test('what slipway.yaml says of some files counts for these', async () => {
  await using dir = await tempDir();
  const config = 'lint: {exclude: [vendor], overrides: [{files: ["dev/**"], rules: {DL3003: off}}]}\n';
  writeFileSync(dir.file('slipway.yaml'), config);
  const { codes, mend } = hostFor(dir);
  assert.equal(await codes('Dockerfile'), { codes: ['DL3000', 'DL3003'], warnings: [] });
  assert.equal((await codes('dev/Dockerfile')).codes, ['DL3000']);
  assert.equal((await codes('vendor/Dockerfile')).codes, []);
  const own = { text: 'FROM debian:12 as x\nRUN true\n', folder: dir.path };
  assert.match(await mend({ ...own, path: dir.file('Dockerfile') }), / AS x/);
  assert.match(await mend({ ...own, path: dir.file('vendor/Dockerfile') }), / as x/);
});

test('what the baseline holds is not told of', async () => {
  await using dir = await tempDir();
  writeFileSync(dir.file('Dockerfile'), text);
  await runLint(['--write-baseline', 'Dockerfile'], createTestSession({ cwd: dir.path, home: dir.path }));
  writeFileSync(dir.file('slipway.yaml'), 'lint: {baseline: slipway-lint-baseline.json}\n');
  const { codes } = hostFor(dir);
  assert.equal((await codes('Dockerfile')).codes, []);
  assert.equal((await codes('Dockerfile', `${text}WORKDIR y\n`)).codes, ['DL3000']);
  writeFileSync(dir.file('slipway-lint-baseline.json'), 'nothing');
  const broken = await codes('Dockerfile');
  assert.equal(broken.codes, ['DL3000', 'DL3003']);
  assert.match(broken.warnings.join(), /slipway-lint-baseline\.json is no baseline/);
});

test('the ignore file beside a text counts, a text without a name has none, and the environment does', async () => {
  await using dir = await tempDir();
  const copies = 'FROM debian:12\nCOPY a.log /x\n';
  writeFileSync(dir.file('.dockerignore'), '*.log\n');
  const { codes } = hostFor(dir);
  assert.equal((await codes('Dockerfile', copies)).codes, ['CopyIgnoredFile']);
  assert.equal((await codes(undefined, copies)).codes, []);
  assert.equal((await hostFor(dir, {}, { HADOLINT_IGNORE: 'DL3003' }).codes('Dockerfile')).codes, ['DL3000']);
});

test('a config that is named counts for every folder', async () => {
  await using dir = await tempDir();
  mkdirSync(dir.file('etc'));
  writeFileSync(dir.file('etc/lint.yaml'), 'ignored: [DL3003]\n');
  const { codes } = hostFor(dir, { config: dir.file('etc/lint.yaml') });
  assert.equal((await codes('Dockerfile')).codes, ['DL3000']);
  const missing = await hostFor(dir, { config: dir.file('etc/none.yaml') }).codes('Dockerfile');
  assert.equal(missing.codes, ['DL3000', 'DL3003']);
  assert.match(missing.warnings.join(), /there is no file .*none\.yaml/);
});

test('without the program shellcheck the rest is told of', async () => {
  await using dir = await tempDir();
  writeFileSync(dir.file('slipway.yaml'), 'lint: {shellcheck: true}\n');
  const { codes } = hostFor(dir, {}, { PATH: dir.path });
  const found = await codes('Dockerfile');
  assert.equal(found.codes, ['DL3000', 'DL3003']);
  assert.match(found.warnings.join(), /no program shellcheck/);
});

test.run();
