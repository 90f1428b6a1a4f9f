// Lints an editor's text as `slipway lint` would its file: the same configs, baseline, ignore files, base images and helpers.
import { statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { isSlipwayError, type SlipwayError } from '../../errors.ts';
import {
  type ExternalScript,
  type Linter,
  type LintSettings,
  openKnownBases,
  openLintHistory,
} from '../../index.ts';
import type { EditedText, LintHost } from '../../lsp/host.ts';
import { parseArguments } from '../arguments.ts';
import type { Session } from '../session.ts';
import { stateRoot } from '../state-root.ts';
import type { LintedInput } from './lint.ts';
import { baselinePath, withoutKnown } from './lint-baseline.ts';
import {
  configPaths,
  type LintArguments,
  type LintSetup,
  type LintTools,
  readLintSetup,
} from './lint-config.ts';
import { lintFlags } from './lint-flags.ts';
import { createIgnoreFiles } from './lint-inputs.ts';
import { findPage, readPage } from './lint-pages.ts';

interface HostOptions {
  linter: Linter;
  tools: LintTools;
  texts: { config?: string; root?: string };
  booleans: { 'no-base-images'?: boolean; 'no-history'?: boolean };
}

/** What holds for one text. */
interface Plan {
  name: string;
  session: Session;
  given: LintArguments;
  setup: LintSetup | undefined;
  settings: LintSettings;
  /** The config says that it is not to be looked at. */
  isLeftOut: boolean;
  warnings: string[];
}

export function createLintHost(session: Session, { linter, tools, texts, booleans }: HostOptions): LintHost {
  const words = texts.config === undefined ? [] : ['--config', texts.config];
  const given = parseArguments(lintFlags, words, 'slipway lint') as LintArguments;
  /** By folder, so that a config that is being written, and wrong, does not bring back all that it leaves out. */
  const lastSetups = new Map<string, LintSetup>();

  async function plan({ path, folder }: EditedText): Promise<Plan> {
    const cwd = folder ?? session.cwd;
    const own: Session = { ...session, cwd, failure: { debug: false } };
    const warnings: string[] = [];
    const warn = (error: unknown) => warnings.push(describe(error));
    let setup: LintSetup | undefined;
    try {
      setup = await readLintSetup(given, own, { linter, tools });
      for (const warning of setup.warnings) warnings.push(describe(warning));
      lastSetups.set(cwd, setup);
    } catch (error) {
      warn(error);
      setup = lastSetups.get(cwd);
    }
    const below = path === undefined ? undefined : slashes(relative(setup?.root ?? cwd, path));
    const isBelow = below !== undefined && !below.startsWith('../');
    const settings: LintSettings = { ...setup?.settingsFor(isBelow ? below : undefined) };
    const state = stateRoot(texts.root, own);
    if (!booleans['no-base-images']) settings.bases = await openKnownBases(state);
    if (!booleans['no-history'] && path !== undefined)
      settings.history = (await openLintHistory(state))?.of(path);
    if (path !== undefined && settings.compat !== 'hadolint') {
      const ignoreFiles = createIgnoreFiles(cwd);
      const ignored = ignoreFiles.read(path);
      if (ignored !== undefined) settings.ignorePatterns = tools.readIgnorePatterns(ignored);
      else if (!ignoreFiles.has(path)) settings.ignorePatterns = [];
    }
    const exclude = setup?.own?.exclude ?? [];
    const isLeftOut =
      isBelow && exclude.length > 0 && tools.createIgnoreMatcher(exclude.join('\n')).ignores(below);
    const name = path === undefined ? 'Dockerfile' : slashes(relative(cwd, path));
    return { name, session: own, given, setup, settings, isLeftOut, warnings };
  }

  return {
    async lint(edited, signal) {
      const found = await plan(edited);
      const { name, settings, setup, warnings } = found;
      signal.throwIfAborted();
      if (found.isLeftOut) return { findings: [], warnings };
      const { text, path } = edited;
      let file: LintedInput = { name, path, text, findings: linter.lint(text, name, settings) };
      if (settings.shellcheck && settings.compat !== 'buildkit') {
        const scripts = new Map<LintedInput, ExternalScript[]>([
          [file, linter.scripts(text, name, settings)],
        ]);
        try {
          const { addShellcheck } = await import('./lint-shellcheck.ts');
          [file] = (await addShellcheck([file], scripts, { ...found.session, signal })) as [LintedInput];
        } catch (error) {
          signal.throwIfAborted();
          warnings.push(describe(error));
        }
      }
      const baseline = setup && baselinePath(given, found.session, setup);
      if (baseline === undefined) return { findings: file.findings, warnings };
      try {
        const { cwd } = found.session;
        return { findings: withoutKnown(baseline, file, { tools, cwd }), warnings };
      } catch (error) {
        return { findings: file.findings, warnings: [...warnings, describe(error)] };
      }
    },
    async tryOut(edited) {
      const { name, settings } = await plan(edited);
      return linter.lint(edited.text, name, settings);
    },
    async mend(edited) {
      const { name, settings, isLeftOut } = await plan(edited);
      return isLeftOut ? edited.text : linter.fix(edited.text, name, { level: 'safe', settings }).text;
    },
    stamp: ({ path, folder }) => {
      const cwd = folder ?? session.cwd;
      const last = lastSetups.get(cwd);
      const baseline = last && baselinePath(given, { ...session, cwd }, last);
      const files = [
        ...configPaths({ ...session, cwd }, tools),
        ...(path === undefined ? [] : [`${path}.dockerignore`, join(dirname(path), '.dockerignore')]),
        ...[texts.config, baseline].filter((one) => one !== undefined),
      ];
      return files.map((file) => stateOf(resolve(cwd, file))).join();
    },
    page: readPage,
    pageUri: findPage,
  };
}

/** @throws what is no fault of a user */
function describe(fault: unknown): string {
  if (fault instanceof Error && !isSlipwayError(fault)) throw fault;
  const { message, hint, place } = fault as Pick<SlipwayError, 'message' | 'hint' | 'place'>;
  const at = place ? `${place.file}:${place.range.start.line}:${place.range.start.column}: ` : '';
  return `${at}${message}${hint === undefined ? '' : ` (${hint})`}`;
}

function stateOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
}

function slashes(path: string): string {
  return path.split(sep).join('/');
}
