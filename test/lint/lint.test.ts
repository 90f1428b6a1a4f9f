// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the language under test writes variables so.
// Directives, targets and the order of findings.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseDockerfile } from '../../src/dockerfile/parse.ts';
import { readCheckOptions } from '../../src/lint/check-options.ts';
import { checkLines, checkText } from './check-text.ts';

const test = suite('lint');

const two = 'FROM a\nMAINTAINER me\nCMD b\n';

test('findings stand in the order of the file, each once, with true places', () => {
  assert.equal(checkLines(`FROM a\nENV B=$X C=$X\n${two}CMD c\n`), [
    '2 UndefinedVar',
    '4 MaintainerDeprecated',
    '5 JSONArgsRecommended',
    '5 MultipleInstructionsDisallowed',
    '6 JSONArgsRecommended',
  ]);
  const [finding] = checkText('FROM a\n  ENV \\\n    # why\n    B=1 \\\n    C=$X\n');
  assert.equal(finding, {
    rule: 'UndefinedVar',
    message: "Usage of undefined variable '$X'",
    severity: 'warning',
    range: { start: { line: 2, column: 3 }, end: { line: 5, column: 9 } },
    line: 2,
  });
});

test('a directive at the top leaves rules out, some or all; names are as they are written', () => {
  assert.equal(checkLines(`# check=skip=MaintainerDeprecated\n${two}`), ['4 JSONArgsRecommended']);
  assert.equal(checkLines(`# check=skip=JSONArgsRecommended, MaintainerDeprecated;error=true\n${two}`), []);
  assert.equal(checkLines(`#  CHECK = skip=all\n${two}`), []);
  assert.equal(checkLines(`# check=skip=maintainerdeprecated\n${two}`).length, 2);
});

test('a check behind an ordinary comment is not one for the whole file', () => {
  assert.equal(checkLines(`# hello\n#\n# check=skip=all\n\n${two}`).length, 2);
});

test('a build argument replaces the directive', () => {
  const buildArgs = (value: string) => ({ buildArgs: { BUILDKIT_DOCKERFILE_CHECK: value } });
  const skipping = `# check=skip=MaintainerDeprecated;error=true\n${two}`;
  assert.equal(checkLines(skipping, buildArgs('skip=JSONArgsRecommended')), ['3 MaintainerDeprecated']);
  assert.is(checkLines(skipping, buildArgs('')).length, 2);
  const options = (text: string, args: Record<string, string>) =>
    readCheckOptions(parseDockerfile(text, 'Dockerfile'), args);
  assert.is(options(skipping, {}).error, true);
  assert.is(options(skipping, buildArgs('skip=all').buildArgs).error, false);
  try {
    options(two, buildArgs('skip').buildArgs);
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /^the build argument BUILDKIT_DOCKERFILE_CHECK: /);
  }
});

test('a check above an instruction is for that instruction, up to a blank, and cannot fail a build', () => {
  const above = (comment: string) => `FROM a\n${comment}MAINTAINER me\nCMD b\n`;
  const skipped = ['4 JSONArgsRecommended'];
  assert.equal(checkLines(above('# check=skip=MaintainerDeprecated\n')), skipped);
  assert.equal(checkLines(above('# check=skip=all for old readers\n')), skipped);
  assert.equal(checkLines(above('# check=skip=MaintainerDeprecated\n\n')).length, 1);
  assert.equal(checkLines(above('# check=skip=MaintainerDeprecated\n#\n')).length, 2);
  assert.equal(checkLines(above('# check=skip=Other\n# check=skip=all\n')).length, 2);
  assert.equal(checkLines(above('# check=nonsense\n')).length, 2);
});

test('a check above an instruction does not reach what is about the whole file', () => {
  assert.equal(checkLines('FROM a\n# check=skip=all\nrun b\n'), ['3 ConsistentInstructionCasing']);
  assert.equal(checkLines('FROM a AS x\n# check=skip=all\nFROM b AS x\n'), ['3 DuplicateStageName']);
  assert.equal(checkLines('FROM a\n# check=skip=all\nFROM b AS X\n'), []);
});

test('skip says nothing of experimental rules, and experimental nothing of others', () => {
  const text = '# about it\nARG A=1\nFROM a\nMAINTAINER me\n';
  assert.equal(checkLines(`# check=skip=all;experimental=all\n${text}`), ['3 InvalidDefinitionDescription']);
  assert.equal(checkLines(`# check=experimental=InvalidDefinitionDescription\n${text}`).length, 2);
  const own = '# check=experimental=all\n# about it\nARG A=1\nFROM a\n';
  assert.equal(checkLines(`\n${own}`), ['4 InvalidDefinitionDescription']);
});

test('with a target its stages alone are looked at, but the FROM lines and names of all', () => {
  const text =
    'FROM a AS x\nCMD b\nFROM a AS y\nENV c d\nFROM x\nCOPY --from=y /a /b\nFROM a AS Z\nCMD c\nMAINTAINER me\n';
  assert.equal(checkLines(text).length, 5);
  const shared = ['7 StageNameCasing', '9 MaintainerDeprecated'];
  assert.equal(checkLines(text, { target: 'x' }), ['2 JSONArgsRecommended', ...shared]);
  assert.equal(checkLines(text, { onlyReached: true }), [shared[0], '8 JSONArgsRecommended', shared[1]]);
  const mounted = 'FROM a AS x\nCMD b\nFROM a\nRUN --mount=from=x,target=/x c\n';
  assert.equal(checkLines(mounted, { onlyReached: true }), ['2 JSONArgsRecommended']);
  assert.equal(
    checkLines('FROM a AS x\nCMD b\nFROM c\nCOPY --from=0 /a /b\n', { onlyReached: true }).length,
    1,
  );
});

test('a stage that a named context replaces is not looked at', () => {
  const contexts = new Map([['x', { target: { kind: 'folder' as const, path: '/ctx' } }]]);
  assert.equal(checkLines('FROM a AS x\nCMD b\nFROM x\nENV c d\n', { contexts }), ['4 LegacyKeyValueFormat']);
});

test('an expansion that fails hides nothing else', () => {
  assert.equal(checkLines('FROM a\nENV B=${X:?} C=$Y\nWORKDIR ${B\nCMD d\n'), [
    '2 UndefinedVar',
    '2 UndefinedVar',
    '3 WorkdirRelativePath',
    '4 JSONArgsRecommended',
  ]);
});

test.run();
