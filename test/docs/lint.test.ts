// The examples of docs/lint.md, and those of the README about linting, do what the pages say.
import { readFileSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { runLint } from '../../src/cli/commands/lint.ts';
import { createPlan } from '../../src/lint/config/create-plan.ts';
import { readSlipwayConfig } from '../../src/lint/config/slipway-config.ts';
import { ruleSummaries } from '../../src/lint/rule-summaries.ts';
import { createTestSession } from '../support/cli-session.ts';
import { blocksOf } from '../support/run-examples.ts';
import { sarifMistakes } from '../support/sarif.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('docs/lint.md');
const page = 'docs/lint.md';

const dockerfile = 'FROM debian\nRUN apt-get install curl\n';
const compose = 'services: {web: {build: {dockerfile_inline: "FROM debian\\n"}}}\n';
const bake = 'target "default" {\n  dockerfile-inline = <<EOT\nFROM debian\nEOT\n}\n';

/** The commands of a page's shell examples, comments aside. */
const commandsOf = (name: string): string[] =>
  blocksOf(name, 'sh')
    .flatMap((block) => block.split('\n'))
    .flatMap((line) => /^slipway lint (.*?)(?: [<>] ?\S+)*(?:\s+#.*)?$/.exec(line)?.[1] ?? []);

for (const name of [page, 'README.md']) {
  test(`every command of ${name} runs, in its order`, async () => {
    await using dir = await tempDir();
    const files = { Dockerfile: dockerfile, 'compose.yaml': compose, 'docker-bake.hcl': bake };
    const commands = commandsOf(name);
    assert.ok(commands.length >= 7, `${commands.length} commands`);
    for (const command of commands) {
      // Anew, as some of them mend.
      for (const [file, text] of Object.entries(files)) writeFileSync(dir.file(file), text);
      const session = createTestSession({
        cwd: dir.path,
        stdin: (async function* () {
          yield Buffer.from(dockerfile);
        })(),
      });
      await runLint(command.trim().split(/\s+/), session);
      const isSilent = / -o |baseline|--fix/.test(command);
      assert.ok(isSilent || session.out.text() !== '', `${command} printed nothing`);
    }
    if (name !== page) return;
    assert.equal(sarifMistakes(JSON.parse(readFileSync(dir.file('lint.sarif'), 'utf8'))), []);
    assert.ok(JSON.parse(readFileSync(dir.file('gl-code-quality-report.json'), 'utf8'))[0].fingerprint);
  });
}

test('the config has every key, and is right', () => {
  const [text = ''] = blocksOf(page, 'yaml');
  const slipway = readSlipwayConfig(text, 'slipway.yaml');
  const plan = createPlan({ rules: ruleSummaries, hadolint: [], slipway, commandLine: {} });
  assert.is(plan.settingsFor('docker/dev/Dockerfile').severities?.['DL3018'], 'off');
  assert.is(plan.settingsFor('Dockerfile').severities?.['StageNameCasing'], 'error');
  assert.is(plan.failureThreshold, 'warning');
});

test('lines of CI jobs are commands that there are', async () => {
  const jobs = blocksOf(page, 'yaml').slice(1);
  assert.is(jobs.length, 3);
  for (const job of jobs) parse(job);
  await using dir = await tempDir();
  writeFileSync(dir.file('Dockerfile'), dockerfile);
  const commands = jobs.flatMap((job) =>
    [...job.matchAll(/npx slipway lint (.*)/g)].map(([, rest]) => rest!),
  );
  assert.is(commands.length, 3);
  for (const command of commands) await runLint(command.split(' '), createTestSession({ cwd: dir.path }));
});

test.run();
