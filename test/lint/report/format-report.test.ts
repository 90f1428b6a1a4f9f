// Reports: each format against what its readers ask for.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lintText } from '../../../src/lint/lint-text.ts';
import type { Finding } from '../../../src/lint/open-linter.ts';
import {
  fingerprints,
  formatReport,
  type LintedFile,
  type ReportFormat,
  type ReportOptions,
  reportFormats,
} from '../../../src/lint/report/format-report.ts';
import { ruleSummaries } from '../../../src/lint/rule-summaries.ts';

const test = suite('lint reports');

const text = 'FROM debian\nRUN x && \\\n  apt-get install curl=1\n';

const fileOf = (name: string, content = text, compat?: 'hadolint'): LintedFile => {
  return { name, text: content, findings: lintText(content, name, { compat }) };
};

function format(kind: ReportFormat, files = [fileOf('a b/Dockerfile')], more: Partial<ReportOptions> = {}) {
  return formatReport(kind, files, {
    compat: undefined,
    color: false,
    version: '1.2.3',
    rules: ruleSummaries,
    page: (code) => `# ${code}\n`,
    harmless: (one) => one.replaceAll('\x1b', '^['),
    ...more,
  });
}

const finding = (changes: Partial<Finding> = {}): Finding => {
  const range = { start: { line: 2, column: 3 }, end: { line: 2, column: 5 } };
  return { rule: 'DL3008', message: 'is <"wrong">, 5%\n', range, severity: 'warning', line: 2, ...changes };
};
const one = (changes?: Partial<Finding>): LintedFile[] => {
  return [{ name: "it's,a:b", text: 'FROM a:1\n  xx\n', findings: [finding(changes)] }];
};
const compat = { compat: 'hadolint' as const };

test('every format says that there is nothing, and is still whole', () => {
  const empty = [fileOf('Dockerfile', 'FROM a:1\n')];
  for (const kind of reportFormats) {
    const out = format(kind, empty);
    if (['json', 'sarif', 'sonarqube', 'gitlab_codeclimate'].includes(kind)) JSON.parse(out);
    else if (['junit', 'checkstyle'].includes(kind))
      assert.match(out, /^<\?xml .*<\/(testsuites|checkstyle)>/);
    else assert.is(out, '');
  }
});

test('colours are for the severity alone', () => {
  assert.match(format('tty', one(), { color: true }), /:2:3 DL3008 \x1b\[33;1mwarning\x1b\[0m: is/);
});

test("nothing that a terminal acts upon comes out of a file's name", () => {
  const [file] = one();
  for (const kind of ['tty', 'gnu'] as const)
    assert.not.match(format(kind, [{ ...file!, name: '\x1b[2J' }]), /\x1b/);
});

test('checkstyle escapes what XML would read otherwise', () => {
  const out = format('checkstyle', one({ message: '<a & \0 \u{1f600}' }));
  assert.match(out, /<file name='it&#39;s&#44;a&#58;b' ><error line='2' column='3' severity='warning' /);
  assert.match(out, /message='&#60;a &#38; &#65533; &#128512;' source='DL3008' \/><\/file><\/checkstyle>$/);
});

test("Code Climate's issues end with NUL, have severities of their own and lines", () => {
  const [issue, rest] = format('codeclimate', one()).split('\0');
  assert.is(rest, '');
  assert.equal(JSON.parse(issue!), {
    type: 'issue',
    check_name: 'DL3008',
    description: 'is <"wrong">, 5%\n',
    categories: ['Bug Risk'],
    location: { path: "it's,a:b", lines: { begin: 2, end: 2 } },
    severity: 'major',
  });
});

test("GitLab's fingerprints are unique, and stay when lines move; hadolint's go with the line", () => {
  const prints = (content: string, more?: typeof compat) =>
    (
      JSON.parse(format('gitlab_codeclimate', [fileOf('Dockerfile', content)], more)) as {
        fingerprint: string;
      }[]
    ).map(({ fingerprint }) => fingerprint);
  const before = prints(text);
  assert.is(new Set(before).size, before.length);
  assert.match(before[0]!, /^[0-9a-f]{40}$/);
  assert.equal(prints(`# moved\n\n${text}`), before);
  assert.not.equal(prints(`# moved\n\n${text}`, compat), prints(text, compat));
});

test('of findings that are alike each has a fingerprint of its own', () => {
  const file = fileOf('Dockerfile', 'FROM a:1\nRUN cd /a\nRUN cd /a\n');
  const cds = fingerprints(file).filter((_, index) => file.findings[index]!.rule === 'DL3003');
  assert.is(cds.length, 2);
  assert.is(cds[1], `${cds[0]}:2`);
});

test("SonarQube's columns count from 0, and no range is empty", () => {
  const range = { start: { line: 2, column: 3 }, end: { line: 2, column: 3 } };
  const rangeOf = (out: string) => JSON.parse(out).issues[0].primaryLocation.textRange;
  assert.equal(rangeOf(format('sonarqube', one())), {
    startLine: 2,
    endLine: 2,
    startColumn: 2,
    endColumn: 4,
  });
  assert.is(rangeOf(format('sonarqube', one({ range }))).endColumn, 3);
  const [issue] = JSON.parse(format('sonarqube', one({ rule: 'DL1000', severity: 'error' }))).issues;
  assert.equal([issue.severity, issue.type], ['BLOCKER', 'BUG']);
});

test('annotations escape what would end them, and have columns in one line only', () => {
  const out = format('github', one({ severity: 'style' }));
  const where = "file=it's%2Ca%3Ab,line=2,endLine=2,col=3,endColumn=5,title=DL3008";
  assert.is(out, `::notice ${where}::is <"wrong">, 5%25%0A\n`);
  const range = { start: { line: 2, column: 3 }, end: { line: 3, column: 1 } };
  assert.not.match(format('github', one({ range })), /col=/);
});

test('JUnit has a suite for each file and a case for each finding', () => {
  const out = format('junit', [...one(), fileOf('good', 'FROM a:1\n')]);
  assert.is(out.match(/<testsuite /g)?.length, 2);
  assert.match(out, /<failure type="warning" message="is &#60;&#34;wrong/);
  assert.match(out, /name="good" tests="1" failures="0" errors="0" .*<testcase [^>]*\/><\/testsuite>/);
});

test("in hadolint's place there are its lines, its columns and its names", () => {
  const files = [fileOf('Dockerfile', text, 'hadolint')];
  assert.match(format('tty', files, compat), /^Dockerfile:1 DL3006 warning: /);
  assert.match(format('gnu', files, compat), /^hadolint:Dockerfile:1: DL3006 warning: /);
  const [first] = JSON.parse(format('json', files, compat));
  assert.equal(Object.keys(first), ['code', 'column', 'file', 'level', 'line', 'message']);
  assert.is(first.column, 1);
  assert.is(JSON.parse(format('sonarqube', files, compat)).issues[0].engineId, 'Hadolint');
  const broken = [fileOf('Dockerfile', 'FROM a:1\nNOPE\n', 'hadolint')];
  assert.match(format('tty', broken, compat), /^Dockerfile:2:1 unknown/);
  assert.match(format('codeclimate', broken, compat), /"positions":\{"begin":\{"column":1,"line":2\},"end"/);
});

test.run();
