import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packShare, unpackShare } from '../../src/cli/commands/lint-share.ts';
import type { LintOutcome } from '../../src/cli/commands/lint-task.ts';
import { openLinter } from '../../src/index.ts';

const test = suite('lint: shares of threads');

const text =
  'from debian\nMAINTAINER me\nRUN apt-get install curl\nRUN cd /x && sudo make\nRUN |\n\nCMD start\nEXPOSE 99999\n';

test('what one thread packs another one unpacks, fixes and mended texts included', async () => {
  const linter = await openLinter();
  const outcomes: [number, LintOutcome][] = [
    [4, { findings: linter.lint(text, 'a', { fixes: false }), fixed: undefined }],
    [0, { findings: [], fixed: undefined }],
    [7, { findings: linter.lint(text, 'b'), fixed: undefined }],
    [2, { findings: [], fixed: linter.fix(text, 'c', { level: 'safe' }) }],
  ];
  assert.ok(outcomes[0]![1].findings.length > 5);
  const found = new Map<number, LintOutcome>();
  unpackShare(structuredClone(packShare(outcomes)), (index, outcome) => found.set(index, outcome));
  assert.equal(
    [...found].sort(([a], [b]) => a - b),
    [...outcomes].sort(([a], [b]) => a - b),
  );
});

test('where no fixes are wanted, none are made, and the findings are the same', async () => {
  const linter = await openLinter();
  const whole = linter.lint(text, 'a');
  assert.ok(whole.some(({ fix }) => fix !== undefined));
  const bare = linter.lint(text, 'a', { fixes: false });
  assert.equal(
    bare,
    whole.map(({ fix: _, ...rest }) => rest),
  );
});

test.run();
