// What can be done about findings, rule by rule: fixes mend, comments silence, and each edit is one of its version.
import { readdirSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { applyFixes } from '../../src/lint/apply-fixes.ts';
import { fixText } from '../../src/lint/fix-text.ts';
import { lintText } from '../../src/lint/lint-text.ts';
import type { LintSettings } from '../../src/lint/settings.ts';
import { codeActions } from '../../src/lsp/code-actions.ts';
import { pageSettings, readRulePage, rulesFolder } from '../lint/rule-pages.ts';
import { withEdits } from '../support/lsp-client.ts';
import { outlineFor, uri } from './outline-of.ts';

const test = suite('lsp/code-actions');

interface Done {
  title: string;
  kind: string | undefined;
  isPreferred: boolean;
  code: string | undefined;
  text: string;
}

/** The actions for a whole text, and what it is after each. */
async function actionsFor(text: string, settings: LintSettings = {}, only?: string[]): Promise<Done[]> {
  const outline = outlineFor(text);
  const lint = (own: string) => lintText(own, 'Dockerfile', settings);
  const actions = await codeActions(outline, {
    range: outline.places.range(0, text.length),
    only,
    findings: lint(text),
    tryOut: async (own) => lint(own),
    mend: async () => fixText(text, 'Dockerfile', { level: 'safe', settings }).text,
    host: { pageUri: () => undefined },
    isVersioned: true,
  });
  return actions.map(({ title, kind, isPreferred = false, diagnostics, edit }) => {
    const [change] = edit!.documentChanges!;
    assert.ok(change && 'edits' in change);
    assert.equal(change.textDocument, { uri, version: 1 });
    const code = diagnostics?.[0]?.code as string | undefined;
    return { title, kind, isPreferred, code, text: withEdits(text, change.edits as never) };
  });
}

const count = (text: string, code: string, settings: LintSettings = {}) =>
  lintText(text, 'Dockerfile', settings).filter(({ rule }) => rule === code).length;

const codes = readdirSync(rulesFolder).map((name) => name.replace('.md', ''));

test('each fix does what slipway lint --fix does, and each rule can be left out', async () => {
  let fixed = 0;
  const kept: string[] = [];
  for (const code of codes) {
    const { bad } = readRulePage(code);
    const settings = pageSettings[code] ?? {};
    const findings = lintText(bad, 'Dockerfile', settings);
    const fixes = findings.flatMap(({ fix }) => (fix ? [fix] : []));
    const actions = await actionsFor(bad, settings, ['quickfix']);
    const ignores = actions.filter(({ title }) => title.startsWith('Ignore'));
    assert.equal(
      actions.filter((one) => !ignores.includes(one)).map(({ text, isPreferred }) => [text, isPreferred]),
      fixes.map((fix) => [applyFixes(bad, [fix]).text, fix.safety === 'safe']),
      code,
    );
    fixed += fixes.length;
    const before = findings.filter(({ rule }) => rule === code).length;
    const own = ignores.filter((one) => one.code === code);
    if (before > 0 && !own.some(({ title }) => title.endsWith('here'))) kept.push(code);
    for (const { title, text } of own)
      assert.ok(count(text, code, settings) < before, `${title} leaves it:\n${text}`);
  }
  assert.ok(fixed > 40, `${fixed} fixes`);
  // What can't be parsed, and comments that leave rules out.
  assert.equal(kept, ['DL1000', 'DL1001']);
});

test('a comment that is there gets one code more', async () => {
  const text = 'FROM debian:12\n  # hadolint ignore=DL3003 # why\n  RUN cd /x && sudo true\n';
  const [here] = (await actionsFor(text)).filter(({ title }) => title === 'Ignore DL3004 here');
  assert.is(here!.text, text.replace('DL3003 #', 'DL3003,DL3004 #'));
  const top = '# syntax=docker/dockerfile:1\n# escape=`\nFROM debian:12\nRUN sudo true\n';
  const [file] = (await actionsFor(top)).filter(({ title }) => title === 'Ignore DL3004 in this file');
  assert.is(file!.text, top.replace('`\n', '`\n# hadolint global ignore=DL3004\n'));
});

test("where only BuildKit's comments count, those are written", async () => {
  const text = 'FROM debian:12\nMAINTAINER x\n';
  const actions = await actionsFor(text, { compat: 'buildkit' });
  const titles = actions.filter(({ code }) => code === 'MaintainerDeprecated').map((one) => one.text);
  assert.ok(titles.includes('FROM debian:12\n# check=skip=MaintainerDeprecated\nMAINTAINER x\n'));
});

test('all safe fixes come where they are asked for, and nothing else does', async () => {
  const text = 'FROM debian:12 as a\nRUN cd /x && true\n';
  const kinds = async (...only: string[]) => (await actionsFor(text, {}, only)).map(({ kind }) => kind);
  assert.equal(await kinds('source.fixAll.slipway'), ['source.fixAll.slipway']);
  assert.equal(await kinds('source'), ['source.fixAll.slipway']);
  assert.equal(await kinds('source.organizeImports'), []);
  assert.equal(await kinds('refactor'), []);
  assert.ok((await kinds('quickfix')).every((kind) => kind === 'quickfix'));
});

test.run();
