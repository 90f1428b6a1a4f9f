// What config files, the environment and the command line say together.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SlipwayError } from '../../../src/errors.ts';
import { createPlan } from '../../../src/lint/config/create-plan.ts';
import { readHadolintConfig } from '../../../src/lint/config/hadolint-config.ts';
import {
  hadolintConfigPaths,
  readHadolintEnvironment,
} from '../../../src/lint/config/hadolint-environment.ts';
import { readSlipwayConfig } from '../../../src/lint/config/slipway-config.ts';
import type { LintSource } from '../../../src/lint/config/source.ts';
import { ruleSummaries as rules } from '../../../src/lint/rule-summaries.ts';

const test = suite('lint config');

interface Texts {
  env?: Record<string, string>;
  hadolint?: string;
  slipway?: string;
  commandLine?: LintSource;
}

function plan({ env = {}, hadolint = '', slipway = '', commandLine = {} }: Texts) {
  return createPlan({
    rules,
    hadolint: [readHadolintEnvironment(env).source, readHadolintConfig(hadolint, '.hadolint.yaml').source],
    slipway: readSlipwayConfig(slipway, 'slipway.yaml'),
    commandLine,
  });
}

function failure(work: () => unknown): { at: string; message: string; hint: string } {
  try {
    work();
  } catch (error) {
    const { message, hint = '', place } = error as SlipwayError;
    const { line, column } = place?.range.start ?? { line: 0, column: 0 };
    return { at: `${place?.file}:${line}:${column}`, message, hint };
  }
  throw new Error('nothing was thrown');
}

test("hadolint's keys are all read", () => {
  const { source, warnings } = readHadolintConfig(
    `no-fail: yes
no-color: true
verbose: false
format: json
failure-threshold: error
ignored: [DL3008, SC2086]
override:
  error: [DL3001]
  style:
    - DL3002
  info:
trustedRegistries: [docker.io, "*.example.com"]
label-schema: {author: text, url: url}
strict-labels: true
disable-ignore-pragma: on
`,
    '.hadolint.yaml',
  );
  assert.equal(warnings, []);
  assert.equal(
    source.ignored?.map(({ name }) => name),
    ['DL3008', 'SC2086'],
  );
  assert.equal(
    source.overrides?.map(({ rule, severity }) => `${rule.name} ${severity}`),
    ['DL3001 error', 'DL3002 style'],
  );
  const { noFail, noColor, verbose, formats, failureThreshold, strictLabels, noPragmas } = source;
  assert.equal([noFail, noColor, verbose, strictLabels, noPragmas], [true, true, false, true, true]);
  assert.equal([formats, failureThreshold], [['json'], 'error']);
  assert.equal(source.trustedRegistries, ['docker.io', '*.example.com']);
  assert.equal(source.labelSchema, { author: 'text', url: 'url' });
});

test("hadolint's files are looked for in its places", () => {
  assert.equal(hadolintConfigPaths('/w', '/home/me', '/x').slice(0, 4), [
    '/w/.hadolint.yaml',
    '/w/.hadolint.yml',
    '/x/hadolint.yaml',
    '/x/hadolint.yml',
  ]);
  assert.is(hadolintConfigPaths('/w', '/h', undefined)[2], '/h/.config/hadolint.yaml');
  assert.is(hadolintConfigPaths('/w', '/h', '').at(-1), '/h/.hadolint.yml');
});

test('a key that hadolint would pass over is told of, with its place', () => {
  const { warnings } = readHadolintConfig('ignored: []\nignore: [DL3008]\n', '.hadolint.yaml');
  assert.is(warnings.length, 1);
  assert.match(warnings[0]!.hint ?? '', /ignored/);
  assert.is(warnings[0]!.place?.range.start.line, 2);
});

test('a value of the wrong kind is an error at its place', () => {
  const wrong: [string, string, RegExp][] = [
    ['ignored: DL3008\n', '1:10', /list/],
    ['verbose: 1\nfailure-threshold: warn\n', '1:10', /true or false/],
    ['failure-threshold: warnin\n', '1:20', /failure-threshold/],
    ['label-schema:\n  a: txt\n', '2:6', /label a/],
    ['ignored: [\n', '2:1', /YAML/],
  ];
  for (const [text, at, message] of wrong) {
    const found = failure(() => readHadolintConfig(text, 'c'));
    assert.is(found.at, `c:${at}`);
    assert.match(found.message, message);
  }
  assert.match(failure(() => readHadolintConfig('failure-threshold: warnin\n', 'c')).hint, /warning/);
});

test('single values of later places count, lists come together', () => {
  const texts = {
    env: { HADOLINT_FAILURE_THRESHOLD: 'error', HADOLINT_IGNORE: 'DL3001, DL3002', HADOLINT_NOFAIL: 'Yes' },
    hadolint: 'failure-threshold: warning\nignored: [DL3003]\ntrustedRegistries: [a.example.com]\n',
    commandLine: { trustedRegistries: ['b.example.com'] },
  };
  const { failureThreshold, noFail, settingsFor } = plan(texts);
  assert.equal([failureThreshold, noFail], ['warning', true]);
  const { severities, trustedRegistries } = settingsFor(undefined);
  assert.equal(severities, { DL3001: 'off', DL3002: 'off', DL3003: 'off' });
  assert.equal(trustedRegistries, ['a.example.com', 'b.example.com']);
});

test('of several severities the most severe counts, and leaving out counts more', () => {
  const { severities } = plan({
    env: { HADOLINT_OVERRIDE_INFO: 'DL3001', HADOLINT_OVERRIDE_ERROR: 'DL3002' },
    hadolint: 'override: {warning: [DL3001, DL3002]}\nignored: [DL3004]\n',
    commandLine: { overrides: [{ rule: { name: 'DL3004' }, severity: 'error' }] },
  }).settingsFor(undefined);
  assert.equal(severities, { DL3001: 'warning', DL3002: 'error', DL3004: 'off' });
});

test('slipway.yaml goes over .hadolint.yaml, and the command line over both', () => {
  const texts: Texts = {
    hadolint: 'ignored: [DL3008, DL3009]\noverride: {error: [DL3059]}\n',
    slipway: 'lint:\n  rules: {DL3008: on, ConsecutiveRun: off, DL3015: error}\n',
    commandLine: { overrides: [{ rule: { name: 'DL3015' }, severity: 'info' }] },
  };
  const name = rules.find(({ code }) => code === 'DL3059')!.name;
  texts.slipway = texts.slipway!.replace('ConsecutiveRun', name);
  assert.equal(plan(texts).settingsFor(undefined).severities, {
    DL3008: 'warning',
    DL3009: 'off',
    DL3059: 'off',
    DL3015: 'info',
  });
});

test('overrides are for the files they name, later ones over earlier ones', () => {
  const { settingsFor } = plan({
    slipway: `lint:
  rules: {DL3008: off}
  overrides:
    - files: ["docker/**", "*.dev.Dockerfile"]
      rules: {DL3008: error, DL3009: off}
      trusted-registries: [a.example.com]
    - files: docker/old
      compat: hadolint
      rules: {DL3008: style}
`,
  });
  assert.equal(settingsFor('Dockerfile').severities, { DL3008: 'off' });
  assert.equal(settingsFor(undefined).severities, { DL3008: 'off' });
  assert.equal(settingsFor('docker/a/Dockerfile').severities, { DL3008: 'error', DL3009: 'off' });
  assert.equal(settingsFor('x.dev.Dockerfile').trustedRegistries, ['a.example.com']);
  assert.equal(settingsFor('docker/old/Dockerfile').severities, { DL3008: 'style', DL3009: 'off' });
  assert.is(settingsFor('docker/old/Dockerfile').compat, 'hadolint');
  assert.is(settingsFor('docker/a/Dockerfile').compat, undefined);
});

test('experimental rules are turned on together', () => {
  const { severities } = plan({ slipway: 'lint: {experimental: true}\n' }).settingsFor(undefined);
  assert.is(severities?.['InvalidDefinitionDescription'], 'warning');
});

test('what slipway.yaml gets wrong is an error at its place, with what may be meant', () => {
  const wrong: [string, string, RegExp][] = [
    ['lint:\n  rule: {}\n', '2:3', /rules/],
    ['lnt: {}\n', '1:1', /lint/],
    ['lint:\n  rules:\n    DL3008: of\n', '3:13', /off/],
    ['lint:\n  rules:\n    StageNameCase: off\n', '3:5', /StageNameCasing/],
    ['lint:\n  overrides:\n    - rules: {}\n', '3:7', /files/],
    ['lint:\n  compat: hadolnt\n', '2:11', /hadolint/],
  ];
  for (const [slipway, at, hint] of wrong) {
    const found = failure(() => plan({ slipway }));
    assert.is(found.at, `slipway.yaml:${at}`);
    assert.match(found.hint, hint);
  }
  assert.is(readSlipwayConfig('other: 1\n', 'slipway.yaml'), undefined);
  assert.is(readSlipwayConfig('', 'slipway.yaml'), undefined);
});

test("rules that are not there stop nothing in hadolint's files", () => {
  const { warnings } = plan({ hadolint: 'ignored: [DL9999, SC1234, StageNameCase]\n' });
  assert.is(warnings.length, 1);
  assert.match(warnings[0]!.hint ?? '', /StageNameCasing/);
});

test('YAML that nests deeper than a parser can go is refused with a place', () => {
  const deep = Array.from({ length: 3000 }, (_, at) => `${' '.repeat(at)}a:\n`).join('');
  for (const text of [deep, '['.repeat(20_000)]) {
    try {
      readHadolintConfig(text, '.hadolint.yaml');
      assert.unreachable();
    } catch (error) {
      assert.ok(error instanceof SlipwayError && error.code === 'ERR_SYNTAX' && error.place, String(error));
    }
  }
});

test.run();
