import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compileTemplate } from '../../../src/cli/template/template.ts';
import { SlipwayError } from '../../../src/errors.ts';

const test = suite('template');
const data = {
  ID: 'abc',
  Tags: ['a', 'b'],
  Size: 12,
  Labels: { z: 'last', a: 'first' },
  Empty: [],
  Nothing: null,
  Flag: true,
  Config: { Env: ['A=1'], Labels: null },
  Rows: [{ Name: 'one' }, { Name: 'two' }],
};
const render = (text: string, on: unknown = data): string => compileTemplate(text).render(on);

const cases: [string, string][] = [
  ['plain', 'plain'],
  ['{{.ID}}', 'abc'],
  ['{{ .ID }}-{{.Size}}', 'abc-12'],
  ['a {{- .ID -}} b', 'aabcb'],
  ['a{{/* a comment */}}b', 'ab'],
  ['a {{- /* trims */ -}} b', 'ab'],
  ['{{.Tags}} {{.Labels}} {{.Flag}}', '[a b] map[a:first z:last] true'],
  ['{{.Nothing}} {{.Config.Missing}}', '<no value> <no value>'],
  ['{{json .Tags}} {{json .Labels}} {{json .Nothing}}', '["a","b"] {"z":"last","a":"first"} null'],
  ['{{.Tags | json}}', '["a","b"]'],
  ['{{join .Tags ", "}}', 'a, b'],
  ['{{range .Tags}}<{{.}}>{{end}}', '<a><b>'],
  ['{{range $i, $t := .Tags}}{{if $i}}, {{end}}{{$t}}{{end}}', 'a, b'],
  ['{{range $k, $v := .Labels}}{{$k}}={{$v}};{{end}}', 'a=first;z=last;'],
  ['{{range .Empty}}x{{else}}none{{end}}', 'none'],
  ['{{range .Rows}}{{.Name}} of {{$.ID}};{{end}}', 'one of abc;two of abc;'],
  ['{{range .Tags}}{{if eq . "b"}}{{break}}{{end}}{{.}}{{end}}', 'a'],
  ['{{range .Tags}}{{if eq . "a"}}{{continue}}{{end}}{{.}}{{end}}', 'b'],
  ['{{if .Nothing}}a{{else if .Flag}}b{{else}}c{{end}}', 'b'],
  ['{{if and .Flag (not .Empty)}}yes{{end}}', 'yes'],
  ['{{or .Nothing .ID}}', 'abc'],
  ['{{with .Config}}{{index .Env 0}}{{end}}', 'A=1'],
  ['{{with $x := .ID}}{{$x}}{{.}}{{end}}', 'abcabc'],
  ['{{$n := 0}}{{range .Tags}}{{$n = .}}{{end}}{{$n}}', 'b'],
  ['{{index .Labels "z"}} {{index .Rows 1 "Name"}}', 'last two'],
  ['{{(index .Rows 0).Name}}', 'one'],
  ['{{len .Tags}} {{len .ID}} {{len .Labels}} {{len .Nothing}}', '2 3 2 0'],
  ['{{upper .ID}} {{"X" | lower}} {{title "hello big world"}}', 'ABC x Hello Big World'],
  ['{{pad .ID 1 2}}|{{pad "" 5 5}}|', ' abc  ||'],
  ['{{truncate .ID 2}} {{truncate .ID 9}}', 'ab abc'],
  ['{{range split "a/b/c" "/"}}[{{.}}]{{end}}', '[a][b][c]'],
  ['{{println .ID 1}}', 'abc 1\n'],
  ["{{title `it's`}} {{0x10}} {{'a'}} {{-5}} {{printf `%d` .ID}}", "It'S 16 97 -5 %!d(string=abc)"],
  ['{{or 0 "" "z"}} {{and 1 0 2}}', 'z 0'],
  ['{{print 1 2 "x" 3}}', '1 2x3'],
  ['{{printf "%-5s|%05d|%q|%.2f|%v" .ID .Size .ID 1.5 .Tags}}', 'abc  |00012|"abc"|1.50|[a b]'],
  ['{{slice .ID 1}} {{slice .ID 0 1}} {{slice .Tags 1 2}}', 'bc a [b]'],
  [
    '{{eq .Size 12}} {{ne .ID "x"}} {{lt .Size 13}} {{ge 2 3}} {{eq .ID "x" "abc"}}',
    'true true true false true',
  ],
  ['{{"tab\\t\\"q\\"\\u00e9"}} {{`raw\\t`}}', 'tab\t"q"é raw\\t'],
];
for (const [text, expected] of cases)
  test(`${text} gives what Go gives`, () => assert.is(render(text), expected));

test('names of JavaScript objects are no fields', () => {
  assert.is(render('{{.Config.constructor}} {{index .Labels "__proto__"}}'), '<no value> <no value>');
  assert.throws(() => render('{{.toString}}'), /no field/);
});

const wrong: [string, RegExp][] = [
  ['{{.ID', /not closed/],
  ['{{', /not closed/],
  ['{{}}', /empty/],
  ['{{end}}', /unexpected \{\{end/],
  ['{{if .ID}}', /no \{\{end/],
  ['{{else}}', /unexpected/],
  ['{{range .ID}}{{end}}', /goes over lists/],
  ['{{.Nope}}', /no field \.Nope/],
  ['{{ID}}', /no function ID/],
  ['{{.ID.More}}', /no fields/],
  ['{{.Nothing.More}}', /asked of nothing/],
  ['{{.ID | .Size}}', /no function/],
  ['{{.ID "x"}}', /only functions/],
  ['{{join .Tags}}', /join takes 2/],
  ['{{lower 5}}', /for text/],
  ['{{index .Tags 7}}', /out of range/],
  ['{{pad .ID 1000000000 1}}', /not between/],
  ['{{printf "%999999999d" 1}}', /wider/],
  ['{{lt .ID .Size}}', /compared/],
  ['{{$x}}', /not declared/],
  ['{{$x = 1}}', /not declared/],
  ['{{nil | print}}', /nil/],
  ['{{break}}', /outside/],
  ['{{template "x"}}', /not supported/],
  ['{{define "x"}}{{end}}', /not supported/],
  ['{{(.ID}}', /not closed/],
  ['{{.ID)}}', /unexpected/],
  ['{{"a\\q"}}', /no escape/],
  [`{{${'('.repeat(500)}1${')'.repeat(500)}}}`, /too deep/],
  ['{{if 1}}'.repeat(500) + '{{end}}'.repeat(500), /too deep/],
  ['x'.repeat(70_000), /not read/],
];
for (const [text, says] of wrong) {
  test(`${text.slice(0, 30)} is a clear error`, () => {
    try {
      render(text);
    } catch (error) {
      assert.instance(error, SlipwayError);
      assert.is((error as SlipwayError).code, 'ERR_USAGE');
      assert.match((error as SlipwayError).message, says);
      assert.ok((error as SlipwayError).hint);
      return;
    }
    assert.unreachable('nothing was thrown');
  });
}

test('ranges in ranges end, whatever they are asked for', () => {
  const list = Array.from({ length: 100 }, (_, i) => i);
  const text = `${'{{range $.L}}'.repeat(20)}x${'{{end}}'.repeat(20)}`;
  assert.throws(() => render(text, { L: list }), /too many steps|too long/);
});

test('any text either renders or is a clear error', () => {
  const bits = [
    '{{',
    '}}',
    '.ID',
    ' ',
    '|',
    '(',
    ')',
    'range',
    'if',
    'end',
    'else',
    '$x',
    ':=',
    '"a"',
    '`',
    '.',
    '-',
    'json',
    '1',
    'x',
    '"',
    ',',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...bits), { maxLength: 30 }), (words) => {
      try {
        render(words.join(''));
      } catch (error) {
        assert.instance(error, SlipwayError);
      }
    }),
    { seed: 7, numRuns: 3000 },
  );
});

test('text without actions comes out as it went in', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }).filter((text) => !text.includes('{{')),
      (text) => {
        assert.is(render(text), text);
      },
    ),
    { seed: 8, numRuns: 500 },
  );
});

test.run();
