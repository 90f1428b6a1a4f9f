import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError } from '../../src/errors.ts';
import { editedPaths, parseEdits } from '../../src/replay/edit-list.ts';

const test = suite('edit-list');

test('reads each form, joined ones and quoted words', () => {
  const lines = parseEdits(
    [
      '# a comment',
      'touch src/a.js',
      '',
      'modify ./src/a.js',
      'append src/a.js "two words\\n"',
      'add new.txt',
      'rename a "b && c" && chmod 0755 "b && c"',
      'delete old',
      'nothing',
    ].join('\n'),
    'edits.txt',
  );
  assert.equal(
    lines.map(({ line, edits }) => [line, ...edits]),
    [
      [2, { type: 'touch', path: 'src/a.js' }],
      [4, { type: 'modify', path: 'src/a.js' }],
      [5, { type: 'append', path: 'src/a.js', text: 'two words\n' }],
      [6, { type: 'add', path: 'new.txt', text: 'edit of line 6\n' }],
      [7, { type: 'rename', path: 'a', to: 'b && c' }, { type: 'chmod', mode: 0o755, path: 'b && c' }],
      [8, { type: 'delete', path: 'old' }],
      [9],
    ],
  );
  assert.equal(editedPaths(lines[4]!), ['a', 'b && c']);
});

for (const text of [
  ...[
    '',
    '# nothing\n',
    'patch a',
    'touch',
    'touch a b',
    'rename a',
    'chmod rwx a',
    'chmod 644',
    'nothing a',
  ],
  ...['touch ../a', 'touch /a', 'touch .', 'rename a ../../b', 'touch "a', 'add "a\\0"', 'delete a/../../b'],
]) {
  test(`refuses ${JSON.stringify(text)} and says where`, () => {
    try {
      parseEdits(text, 'edits.txt');
    } catch (error) {
      assert.ok(isSlipwayError(error) && error.code === 'ERR_USAGE' && error.hint !== undefined);
      assert.match((error as Error).message, 'edits.txt');
      return;
    }
    assert.unreachable('it was read');
  });
}

test.run();
