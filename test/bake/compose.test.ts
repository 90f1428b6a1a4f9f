// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the language under test writes variables so.
// Compose files as bake files: variables, .env, and what is refused.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseDotEnv } from '../../src/bake/compose/dot-env.ts';
import { interpolate } from '../../src/bake/compose/interpolate.ts';
import { readBake } from '../../src/bake/read-bake.ts';
import { rejects } from '../support/rejects.ts';
import { type BakeGiven, bakeInput } from './bake-input.ts';

const test = suite('bake compose');

const variables: Record<string, string> = { A: 'a', EMPTY: '' };
for (const [text, expected] of [
  ['x$A-${A}', 'xa-a'],
  ['$$A', '$A'],
  ['${B:-b}${EMPTY:-c}${EMPTY-c}', 'bc'],
  ['${A:+yes}${EMPTY:+no}${EMPTY+set}', 'yesset'],
  ['${B:-${A:-c}}', 'a'],
  ['${B}', ''],
  ['${A?no}', 'a'],
] as const) {
  test(`${text} is ${expected}`, () =>
    assert.is(
      interpolate(text, (name) => variables[name]),
      expected,
    ));
}

test('.env: quotes, comments, variables; the environment goes before it', () => {
  const text =
    '# comment\nA=1\nexport B = two words # not this\nC="x\\n${A}"\nD=\'$A\'\nE=${HOME}\nF="a\nb"\n\nbroken line\n';
  assert.equal(
    [...parseDotEnv(text, { HOME: '/h' })],
    [
      ['A', '1'],
      ['B', 'two words'],
      ['C', 'x\n1'],
      ['D', '$A'],
      ['E', '/h'],
      ['F', 'a\nb'],
    ],
  );
});

const compose = async (text: string, given?: BakeGiven) =>
  JSON.parse((await readBake(bakeInput({ 'compose.yaml': text }, given))).print()).target;

test('variables come from the environment, then from .env', async () => {
  const text =
    'services:\n  app:\n    build:\n      context: "${DIR}"\n      args:\n        - A\n        - B=${B}\n        - NONE\n';
  const { app } = await compose(text, { env: { DIR: 'src', A: 'env' }, dotEnv: 'A=file\nB=file\n' });
  assert.is(app.context, 'src');
  assert.equal(app.args, { A: 'env', B: 'file' });
});

test('anchors and merge keys are followed', async () => {
  const text =
    'x-build: &build\n  context: ./a\n  args: { X: 1 }\nservices:\n  one:\n    build:\n      <<: *build\n      target: t\n  two:\n    build: *build\n';
  const { one, two } = await compose(text);
  assert.equal([one.context, one.target, one.args], ['./a', 't', { X: '1' }]);
  assert.is(two.context, './a');
});

test('the form is found without a name that tells it', async () => {
  const plan = await readBake(bakeInput({ 'standard input': 'services:\n  app:\n    build: .\n' }));
  assert.equal(
    plan.targets.map(({ name }) => name),
    ['app'],
  );
});

for (const [title, build, code, message, line] of [
  ['a field that is not there', 'contxt: .', 'ERR_SYNTAX', /did you mean context/, 4],
  ['isolation', 'isolation: hyperv', 'ERR_UNSUPPORTED', /isolation/, 4],
  ['privileged', 'privileged: true', 'ERR_UNSUPPORTED', /entitlements/, 4],
  ['a secret that is not declared', 'secrets: [s]', 'ERR_SYNTAX', /no secret "s"/, 4],
  ['a variable that must be set', 'context: ${DIR:?where}', 'ERR_EXPANSION', /DIR is not set: where/, 4],
  ['a wrong kind', 'no_cache: perhaps', 'ERR_SYNTAX', /true or false/, 4],
  ['a field of x-bake that is not there', 'x-bake: { tgs: [a] }', 'ERR_SYNTAX', /did you mean tags/, 4],
  ['YAML that is none', 'a: b: c', 'ERR_SYNTAX', /YAML/, 4],
] as const) {
  test(`${title} is refused at its place`, async () => {
    const error = await rejects(compose(`services:\n  app:\n    build:\n      ${build}\n`), code, message);
    assert.is(error.place?.file, 'compose.yaml');
    assert.is(error.place?.range.start.line, line);
  });
}

test('x-bake says what becomes of secrets that are found', async () => {
  const { app } = await compose(
    'services:\n  app:\n    build:\n      context: .\n      x-bake: { secret-check: warn }\n',
  );
  assert.is(app['secret-check'], 'warn');
});

test('extends and include are refused', async () => {
  await rejects(compose('include: [other.yaml]\nservices: {}\n'), 'ERR_UNSUPPORTED', /include/);
  await rejects(compose('services:\n  a:\n    extends: b\n    build: .\n'), 'ERR_UNSUPPORTED', /extends/);
});

test('aliases that multiply are refused', async () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 9; i++)
    lines.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  await rejects(compose(`${lines.join('\n')}\nservices: {}\n`), 'ERR_SYNTAX', /too large/);
});

test('YAML that nests deeper than a parser can go is refused', async () => {
  const deep = Array.from({ length: 3000 }, (_, at) => `${' '.repeat(at)}a:\n`).join('');
  for (const text of [deep, '['.repeat(20_000)]) await rejects(compose(text), 'ERR_SYNTAX');
});

test.run();
