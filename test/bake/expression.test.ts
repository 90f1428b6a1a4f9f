// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the language under test writes variables so.
// Expressions of bake files: what they come to, and where they fail.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { rejects } from '../support/rejects.ts';
import { bakeHcl, printed } from './bake-input.ts';

const test = suite('bake expressions');

const target = (expression: string): string => `
variable "TAG" { default = "v1" }
variable "LIST" { default = ["b", "a"] }
variable "MAP" { default = { x = { y = "deep" }, n = 2 } }
target "default" { args = { V = jsonencode(${expression}) } }
`;
const value = async (expression: string): Promise<unknown> =>
  JSON.parse(
    (await printed(target(expression), { env: { HOME: '/root' } }))['default'].args.V.replaceAll(
      '$${',
      '${',
    ).replaceAll('%%{', '%{'),
  );

const table: [expression: string, value: unknown][] = [
  ['1 + 2 * 3', 7],
  ['(1 + 2) * 3', 9],
  ['7 / 2', 3.5],
  ['7 % 4 - -1', 4],
  ['1 < 2 && !(2 <= 1) || false', true],
  ['"a" == "a"', true],
  ['"1" == 1', false],
  ['[1, "x"] != [1, "x"]', false],
  ['TAG == "v1" ? "yes" : "no"', 'yes'],
  ['true ? false ? 1 : 2 : 3', 2],
  ['"${TAG}-x"', 'v1-x'],
  ['"${LIST}"', ['b', 'a']],
  ['"$${TAG} %%{x"', '${TAG} %{x'],
  ['"a\\tb\\u00e9\\"\\\\"', 'a\tbé"\\'],
  ['"%{ if TAG == "v1" }one%{ else }two%{ endif }!"', 'one!'],
  ['"%{ for x in LIST }<${x}>%{ endfor }"', '<b><a>'],
  ['"%{ for x in LIST ~} ${x} %{~ endfor ~}."', 'ba.'],
  ['[for x in LIST : upper(x)]', ['B', 'A']],
  ['[for i, x in LIST : "${i}${x}" if x != "b"]', ['1a']],
  ['{for x in LIST : x => upper(x)}', { a: 'A', b: 'B' }],
  ['{for x in ["aa", "ab", "b"] : substr(x, 0, 1) => x...}', { a: ['aa', 'ab'], b: ['b'] }],
  ['{for k, v in {b = 1, a = 2} : "${k}!" => v + 1}', { 'a!': 3, 'b!': 2 }],
  ['MAP.x.y', 'deep'],
  ['MAP["x"]["y"]', 'deep'],
  ['LIST[1]', 'a'],
  ['LIST.0', 'b'],
  ['[{n = 1}, {n = 2}][*].n', [1, 2]],
  ['[{n = 1}, {n = 2}].*.n', [1, 2]],
  ['{(TAG) = 1, "q r" = 2, TAG = 3}', { 'q r': 2, TAG: 3, v1: 1 }],
  ['{\n a = 1\n b = 2, c = 3\n}', { a: 1, b: 2, c: 3 }],
  ['[\n 1,\n 2, # two\n /* three */ 3,\n]', [1, 2, 3]],
  ['max([1, 5, 3]...)', 5],
  ['try(MAP.none, "other")', 'other'],
  ['can(MAP.none)', false],
  ['null', null],
  ['1e3', 1000],
];

for (const [expression, expected] of table) {
  test(expression.replaceAll('\n', ' '), async () => assert.equal(await value(expression), expected));
}

const functions: [expression: string, value: unknown][] = [
  ['format("%s-%03d-%.2f-%q-%v-%%", "a", 7, 1.5, "q", [1])', 'a-007-1.50-"q"-[1]-%'],
  ['format("%5s|%-5s|%x|%t", "a", "b", 255, true)', '    a|b    |ff|true'],
  ['formatlist("%s:%s", ["a", "b"], "1")', ['a:1', 'b:1']],
  ['join(",", ["a", 1, true])', 'a,1,true'],
  ['split(".", "1.2.3")', ['1', '2', '3']],
  ['replace("a.b.c", ".", "$&")', 'a$&b$&c'],
  ['regex_replace("v1.2", "v(\\\\d+)", "$${1}x")', '1x.2'],
  ['regex("(\\\\d+)\\\\.(\\\\d+)", "v1.2")', ['1', '2']],
  ['regex("(?P<major>\\\\d+)", "v12")', { major: '12' }],
  ['regexall("\\\\d", "a1b2")', ['1', '2']],
  ['trimprefix("refs/tags/v1", "refs/tags/")', 'v1'],
  ['trim("--x--", "-")', 'x'],
  ['title("hello wide world")', 'Hello Wide World'],
  ['substr("hello", -3, 2)', 'll'],
  ['sanitize("a/b:c")', 'a_b_c'],
  ['concat([1], [2, 3])', [1, 2, 3]],
  ['flatten([[1], [[2]], 3])', [1, 2, 3]],
  ['distinct(["a", "b", "a"])', ['a', 'b']],
  ['merge({a = 1}, {a = 2, b = 3})', { a: 2, b: 3 }],
  ['lookup({a = 1}, "b", 9)', 9],
  ['contains(["a"], "a")', true],
  ['keys({b = 1, a = 2})', ['a', 'b']],
  ['values({b = 1, a = 2})', [2, 1]],
  ['zipmap(["a", "b"], [1, 2])', { a: 1, b: 2 }],
  [
    'setproduct(["a", "b"], [1])',
    [
      ['a', 1],
      ['b', 1],
    ],
  ],
  ['setunion(["b"], ["a", "b"])', ['a', 'b']],
  ['slice([1, 2, 3], 1, 2)', [2]],
  ['chunklist([1, 2, 3], 2)', [[1, 2], [3]]],
  ['range(3)', [0, 1, 2]],
  ['range(5, 0, -2)', [5, 3, 1]],
  ['coalesce(null, "x")', 'x'],
  ['compact(["", "a"])', ['a']],
  ['element(["a", "b"], 3)', 'b'],
  ['indexof(["a", "b"], "b")', 1],
  ['base64decode(base64encode("hé"))', 'hé'],
  ['jsondecode("{\\"a\\": [1]}").a[0]', 1],
  ['csvdecode("a,b\\n1,2\\n")', [{ a: '1', b: '2' }]],
  ['md5("")', 'd41d8cd98f00b204e9800998ecf8427e'],
  ['urlencode("a b/é")', 'a+b%2F%C3%A9'],
  ['uuidv5("dns", "www.example.com")', '2ed6657d-e927-568b-95e1-2665a8aea6a2'],
  ['timestamp()', '2026-01-31T12:00:00Z'],
  ['timeadd("2026-01-31T12:00:00Z", "1h30m")', '2026-01-31T13:30:00Z'],
  [
    'formatdate("DD MMM YYYY, EEEE \'at\' hh:mm:ss Z", "2026-01-31T12:00:00+01:00")',
    '31 Jan 2026, Saturday at 12:00:00 +01:00',
  ],
  ['parseint("ff", 16)', 255],
  ['pow(2, 10) + signum(-3) + ceil(1.2) + floor(1.8)', 1026],
  ['strlen("e\u0301x")', 2],
  ['basename("/a/b.txt")', 'b.txt'],
  ['dirname("/a/b.txt")', '/a'],
];

for (const [expression, expected] of functions)
  test(expression, async () => assert.equal(await value(expression), expected));

test('heredocs: lines as they stand, or without the indent they share', async () => {
  const text =
    'target "default" {\n  dockerfile-inline = <<-EOT\n    FROM scratch\n      ${"x"} y\n\n    END\n  EOT\n  args = { A = <<EOT\n  keep \\n\nEOT\n  }\n}\n';
  const { default: made } = await printed(text);
  assert.is(made['dockerfile-inline'], 'FROM scratch\n  x y\n\nEND\n');
  assert.is(made.args.A, '  keep \\n\n');
});

const failures: [expression: string, message: RegExp, code?: string][] = [
  ['TGA', /no variable "TGA"/],
  ['uper("x")', /no function "uper"/],
  ['uuidv4()', /uuidv4 is not supported/, 'ERR_UNSUPPORTED'],
  ['"x" + 1', /number is wanted/],
  ['1 / 0', /division by zero/],
  ['LIST[7]', /no item 7/],
  ['MAP.z', /no "z"/],
  ['upper("a", "b")', /takes 1 argument/],
  ['"${LIST} "', /text is wanted/],
  ['format("%d", "x")', /number is wanted/],
  ['regex("(", "x")', /regular expression/],
  ['{for x in LIST : "k" => x}', /two items/],
];

for (const [expression, message, code = 'ERR_EXPANSION'] of failures) {
  test(`${expression} fails at its place`, async () => {
    const error = await rejects(bakeHcl(target(expression)), code, message);
    assert.is(error.place?.file, 'docker-bake.hcl');
    assert.is(error.place?.range.start.line, 5);
  });
}

const big = '[for x in range(10000) : "0123456789abcdef"]';
const endless: [what: string, expression: string][] = [
  ['lists in lists', '[for a in range(10000) : [for b in range(10000) : a]]'],
  ['joined texts', `join(join("", ${big}), ${big})`],
  ['replaced texts', `replace(join("", ${big}), "0", join("", ${big}))`],
  ['patterns replaced', `regex_replace(join("", ${big}), "0", join("", ${big}))`],
  ['indented lines', `indent(1000, join("\\n", setproduct(range(300), range(300))[*][0]))`],
  ['an endless number', `parseint(join("", ${big}), 36)`],
  ['values in one another', `jsondecode("${'['.repeat(50_000)}${']'.repeat(50_000)}")`],
];
for (const [what, expression] of endless)
  test(`${what}: what comes to too much is refused`, () =>
    rejects(bakeHcl(target(expression)), 'ERR_EXPANSION').then(() => undefined));

test('variables that double one another come to an end', async () => {
  const chain = Array.from(
    { length: 60 },
    (_, at) => `variable "V${at + 1}" { default = "\${V${at}}\${V${at}}" }\n`,
  );
  const text = `variable "V0" { default = "0123456789abcdef" }\n${chain.join('')}target "default" { args = { A = V60 } }`;
  await rejects(bakeHcl(text), 'ERR_EXPANSION', /come to too much/);
  const lists = text
    .replaceAll(/"\$\{(V\d+)\}\$\{V\d+\}"/g, 'concat($1, $1)')
    .replace('"0123456789abcdef"', '[1]');
  await rejects(bakeHcl(lists), 'ERR_EXPANSION', /come to too much/);
});

test('no text makes a pattern endless', async () => {
  const text = `\${join("", [for x in range(5000) : "a"])}!`;
  assert.is(await value(`can(regex("^(a+)+$", "${text}"))`), false);
  assert.is(await value(`strlen(regex_replace("${text}", "(a*)*b", ""))`), 5001);
});

test('functions are linear in what they take', async () => {
  const many = '[for a in setproduct(range(300), range(300)) : join(",", a)]';
  assert.is(await value(`length(setsubtract(distinct(${many}), ${many}))`), 0);
  assert.is(
    await value(`strlen(trim(join("", [for x in range(9999) : "aaaaaaaaaaaaaaaaaa"]), "b"))`),
    179_982,
  );
  assert.is(await value('urlencode(format("%.1s", "\u{1f600}"))'), '%EF%BF%BD');
});

test.run();
