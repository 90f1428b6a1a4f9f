// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the language under test writes variables so.
// Variables of bake files: defaults, the environment, types, validation.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { listBake, readBake } from '../../src/bake/read-bake.ts';
import { rejects } from '../support/rejects.ts';
import { type BakeGiven, bakeHcl, bakeInput, printed } from './bake-input.ts';

const test = suite('bake variables');

const file = (variable: string, expression = 'jsonencode(V)'): string =>
  `variable "V" {\n${variable}\n}\ntarget "default" { args = { V = ${expression} } }\n`;
const value = async (variable: string, given?: BakeGiven): Promise<unknown> =>
  JSON.parse((await printed(file(variable), given))['default'].args.V);

const table: [title: string, variable: string, given: BakeGiven, expected: unknown][] = [
  ['the default', 'default = "a"', {}, 'a'],
  ['nothing given is an empty text', '', {}, ''],
  ['nothing given of a type is null', 'type = string', {}, null],
  ['the environment goes before the default', 'default = "a"', { env: { V: 'b' } }, 'b'],
  ['an empty variable of the environment counts', 'default = "a"', { env: { V: '' } }, ''],
  ['--var goes before the environment', 'default = "a"', { env: { V: 'b' }, vars: { V: 'c' } }, 'c'],
  ['a bool takes the kind of its default', 'default = false', { env: { V: 'true' } }, true],
  ['a number, too', 'default = 1', { env: { V: '2.5' } }, 2.5],
  ['a list from comma-separated fields', 'type = list(string)', { env: { V: 'a,"b,c"' } }, ['a', 'b,c']],
  ['a list of numbers', 'type = list(number)', { env: { V: '1,2' } }, [1, 2]],
  ['a list as JSON', 'type = list(string)', { env: { V_JSON: '["a", "b"]' } }, ['a', 'b']],
  ['a map as JSON', 'type = map(number)', { env: { V_JSON: '{"a": 1}' } }, { a: 1 }],
  ['a set', 'type = set(string)\n default = ["b", "a", "b"]', {}, ['a', 'b']],
  ['a default is converted to the type', 'type = string\n default = 1', {}, '1'],
  [
    'an object with optional parts',
    'type = object({a = string, b = optional(number)})\n default = {a = 1}',
    {},
    { a: '1', b: null },
  ],
  ['a tuple', 'type = tuple([string, number])\n default = [1, "2"]', {}, ['1', 2]],
  ['another variable as default', 'default = upper(BAKE_LOCAL_PLATFORM)', {}, 'LINUX/AMD64'],
];

for (const [title, variable, given, expected] of table) {
  test(title, async () => assert.equal(await value(variable, given), expected));
}

const failures: [title: string, variable: string, given: BakeGiven, message: RegExp, line: number][] = [
  [
    'a text that is no number',
    'type = number',
    { env: { V: 'x' } },
    /variable V does not fit: a number is wanted/,
    1,
  ],
  ['a default of another type', 'type = number\ndefault = "x"', {}, /a number is wanted/, 3],
  ['a type that is none', 'type = strin', {}, /no type/, 2],
  ['itself as default', 'default = V', {}, /refers to itself/, 1],
  ['an attribute that is not there', 'defalt = 1', {}, /no attribute "defalt"/, 2],
];

for (const [title, variable, given, message, line] of failures) {
  test(`${title} is refused at its place`, async () => {
    const error = await bakeHcl(file(variable), given).then(
      () => undefined,
      (reason) => reason,
    );
    assert.match(error.message, message);
    assert.is(error.place.range.start.line, line);
  });
}

test('a validation that does not hold says its message', async () => {
  const validated =
    'default = "dev"\nvalidation {\n condition = V != "prod"\n error_message = "not ${V} here"\n}';
  assert.is(await value(validated), 'dev');
  await rejects(
    bakeHcl(file(validated), { env: { V: 'prod' } }),
    'ERR_EXPANSION',
    /variable V is not valid: not prod here/,
  );
});

test('an attribute of the file itself is a variable; a later file sets it anew', async () => {
  const text = `A = "x"\n${file('default = A')}`;
  assert.is((await printed(text))['default'].args.V, '"x"');
  const { readBake } = await import('../../src/bake/read-bake.ts');
  const plan = await readBake(
    bakeInput({ 'docker-bake.hcl': text, 'docker-bake.override.hcl': 'A = "y"\nV = "${A}z"\n' }),
  );
  assert.is(JSON.parse(plan.print()).target.default.args.V, '"yz"');
});

test('a function refuses wrong numbers of arguments, and takes the rest as a list', async () => {
  const text = (call: string): string =>
    `function "f" {\n params = [a]\n variadic_params = rest\n result = "\${a}\${length(rest)}"\n}\ntarget "default" { args = { V = ${call} } }\n`;
  assert.is((await printed(text('f("x", 1, 2)')))['default'].args.V, 'x2');
  await rejects(bakeHcl(text('f()')), 'ERR_EXPANSION', /at least 1 argument/);
});

test('a function that calls itself is refused', async () => {
  await rejects(
    bakeHcl('function "f" {\n params = [a]\n result = f(a)\n}\ntarget "default" { args = { V = f(1) } }\n'),
    'ERR_EXPANSION',
    /refers to itself/,
  );
});

test('a target refers to what another one says', async () => {
  const text =
    'target "a" { args = { X = "1" } }\ntarget "default" { args = { Y = "${target.a.args.X}2" } }\n';
  assert.is((await printed(text))['default'].args.Y, '12');
});

test('targets and variables are listed', async () => {
  const text =
    'variable "TAG" {\n description = "of the image"\n type = string\n default = "x"\n}\ngroup "all" { targets = ["a"] }\ntarget "a" { description = "the app" }\n';
  assert.equal(await listBake(bakeInput({ 'docker-bake.hcl': text })), {
    targets: [
      { name: 'a', description: 'the app' },
      { name: 'all', description: 'a' },
    ],
    variables: [{ name: 'TAG', type: 'string', value: 'x', description: 'of the image' }],
  });
});

test('a value for a variable that is not there is an error, unless a Compose file may read it', async () => {
  const text = 'variable "VERSION" {}\ntarget "default" { args = { V = VERSION } }\n';
  await rejects(bakeHcl(text, { vars: { VERSOIN: '1' } }), 'ERR_USAGE', /did you mean VERSION/);
  await rejects(bakeHcl('target "default" {}', { vars: { A: '1' } }), 'ERR_USAGE', /no variables at all/);
  await bakeHcl(text, { vars: { VERSION_JSON: '"1"' } });
  const compose = 'services:\n  default:\n    build: {context: "${WHERE}"}\n';
  const plan = await readBake(bakeInput({ 'compose.yaml': compose }, { vars: { WHERE: 'here' } }));
  assert.is(plan.targets[0]?.context, 'here');
});

test.run();
