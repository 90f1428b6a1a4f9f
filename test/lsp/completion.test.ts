// What may stand where somebody types, though what is there can't be parsed yet.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TextEdit } from 'vscode-languageserver';
import { completions } from '../../src/lsp/completion.ts';
import { withEdits } from '../support/lsp-client.ts';
import { marked } from './outline-of.ts';

const test = suite('lsp/completion');

function items(text: string): string[] {
  const { outline, offset } = marked(text);
  return completions(outline, offset).map(({ label }) => label);
}

/** The text with one of the items taken. */
function taken(text: string, label: string): string {
  const { outline, offset, text: plain } = marked(text);
  const item = completions(outline, offset).find((one) => one.label === label)!;
  return withEdits(plain, [item.textEdit as TextEdit]);
}

test('instructions where one begins, and behind ONBUILD those that it takes', () => {
  assert.ok(items('|').includes('FROM'));
  assert.ok(items('FROM x\n  co|').includes('COPY'));
  assert.not.ok(items('FROM x\nONBUILD |').includes('FROM'));
  assert.equal(items('FROM x\nRUN a \\\n  |'), []);
  assert.equal(items('FROM x\n# c|'), []);
  assert.is(taken('FROM x\nco|', 'COPY'), 'FROM x\nCOPY');
});

test('the flags of the instruction, over continued lines, too', () => {
  assert.ok(items('FROM x\nCOPY -|').includes('--chown'));
  assert.ok(items('FROM x\nRUN --network=none \\\n  --|').includes('--mount'));
  assert.not.ok(items('FROM x\nRUN -|').includes('--device'));
  assert.equal(items('FROM x\nRUN ls --|'), []);
  assert.is(taken('FROM x\nCOPY --li| a b', '--link'), 'FROM x\nCOPY --link a b');
  assert.is(taken('FROM x\nCOPY --ch|', '--chown'), 'FROM x\nCOPY --chown=');
});

test('the keys of a mount by its type', () => {
  assert.equal(items('FROM x\nRUN --mount=|')[0], 'type');
  assert.ok(items('FROM x\nRUN --mount=type=secret,|').includes('env'));
  assert.not.ok(items('FROM x\nRUN --mount=type=tmpfs,|').includes('from'));
  assert.equal(items('FROM x\nRUN --mount=type=cache,sharing=|'), ['shared', 'private', 'locked']);
  assert.is(taken('FROM x\nRUN --mount=ty|', 'type'), 'FROM x\nRUN --mount=type=');
});

test('stages above, where one may be named', () => {
  const stages = 'FROM x AS One\nFROM y\nFROM z AS two\n';
  assert.equal(items(`${stages}COPY --from=|`), ['One', 'two']);
  assert.equal(items(`${stages}FROM |`), ['One', 'two']);
  assert.equal(items(`${stages}RUN --mount=type=bind,from=t|`), ['One', 'two']);
  assert.equal(items(`FROM x AS One\nCOPY --from=|\nFROM z AS two\n`), ['One']);
});

test('variables that are set there', () => {
  const text = 'ARG G=1\nFROM x:$| AS a\nENV E=2\nRUN $\nENV F=1\n';
  assert.ok(items(text).includes('G'));
  assert.not.ok(items(text).includes('E'));
  assert.equal(items('FROM x\nENV E=2\nRUN echo ${|\nENV F=1\n'), ['E']);
  assert.is(taken('FROM x\nENV ABC=2\nUSER ${A|}\n', 'ABC'), 'FROM x\nENV ABC=2\nUSER ${ABC}\n');
  assert.equal(items('FROM x\nENV A=1\nRUN <<E\n$|\nE\n'), []);
});

test.run();
