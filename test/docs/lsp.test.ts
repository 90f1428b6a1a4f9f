// The set-ups of docs/lsp.md start the command that there is, and the page names what the server offers.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseArguments } from '../../src/cli/arguments.ts';
import { command } from '../../src/cli/commands/lsp-command.ts';
import { lspFlags } from '../../src/cli/commands/lsp-flags.ts';
import { top } from '../support/cli.ts';
import { blocksOf } from '../support/run-examples.ts';

const test = suite('docs/lsp.md');
const page = 'docs/lsp.md';

test('the settings for VS Code are JSON, and start the server', () => {
  const settings = JSON.parse(blocksOf(page, 'json')[0]!);
  assert.is(settings['glspc.server.command'], 'slipway');
  const [name, ...flags] = settings['glspc.server.commandArguments'];
  assert.is(name, command.name);
  assert.equal(parseArguments(lspFlags, flags, 'slipway lsp').booleans, { stdio: true });
});

test('every other set-up starts it, too', () => {
  for (const language of ['lua', 'toml', 'elisp']) {
    const [block = ''] = blocksOf(page, language);
    assert.match(block, /["']slipway["'],? ["']lsp["']|command = "slipway"\nargs = \["lsp"\]/, language);
  }
});

test('every flag is told of', () => {
  const text = readFileSync(join(top, page), 'utf8');
  for (const { name } of lspFlags) assert.ok(name === 'help' || text.includes(`--${name}`), name);
});

test.run();
