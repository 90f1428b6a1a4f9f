// RUNs that took long in an earlier build, and what above them makes them run again without their needing it.
import { copyName, runName } from '../../../graph/step-name.ts';
import type { LintFile, LintStep } from '../../lint-file.ts';
import { hasFlag, hasWord, type ShellCommand } from '../../shell/command.ts';
import { isOneOf } from '../dl/walk.ts';
import { type CopyStep, copiedPaths, copiesAll, isContextCopy } from './copied.ts';
import { type Install, isExpensive, readInstall } from './installs.ts';

/** Seconds. */
const slowByDefault = 10;
/** So many files, and a COPY is taken for one of sources. */
const manyFiles = 10;

export interface SlowRun {
  run: LintStep;
  seconds: number;
  /** What it is known to need of the context; undefined: nothing. */
  install: Install | undefined;
}

/** COPY and ADD above it of files that it does not need. */
export interface SlowRunBelowCopy extends SlowRun {
  copy: CopyStep;
  /** Undefined: not known. */
  files: number | undefined;
}

/** RUNs of a stage that took long and are known to need nothing of the context, or its manifests alone. */
export function slowRuns(file: LintFile, steps: readonly LintStep[]): SlowRun[] {
  const { history, slowStep = slowByDefault } = file.settings;
  if (history === undefined) return [];
  return steps.flatMap((run) => {
    if (!isOneOf(run, ['RUN'])) return [];
    const commands = run.script()?.commands ?? [];
    const installs = commands.flatMap((command) => readInstall(command) ?? []);
    const isKnown = commands.some(fetches) && commands.every((one) => fetches(one) || isAside(one));
    if (!isKnown) return [];
    const seconds = history.find(runName(run.instruction))?.seconds;
    if (seconds === undefined || seconds < slowStep) return [];
    return [{ run, seconds, install: installs[0] }];
  });
}

/** Of each, the first COPY above it that it could do without. */
export function slowBelowCopies(file: LintFile): SlowRunBelowCopy[] {
  if (file.settings.history === undefined) return [];
  return file.stages.flatMap(({ steps }) => {
    if (!steps.some(isContextCopy)) return [];
    return slowRuns(file, steps).flatMap((slow) => {
      for (const copy of steps.slice(0, steps.indexOf(slow.run))) {
        const isBroad = isContextCopy(copy) && !isNeeded(copy, slow, file);
        const files = isBroad ? filesOf(copy, file) : undefined;
        if (isBroad && (copiesAll(copy) || (files ?? 0) > manyFiles)) return [{ ...slow, copy, files }];
      }
      return [];
    });
  });
}

function filesOf({ instruction }: CopyStep, { settings }: LintFile): number | undefined {
  return settings.history?.find(copyName(instruction))?.files();
}

/** What is copied to where programs look for it counts for every step. */
export const systemFolders =
  /^\/(?:etc|bin|sbin|lib|usr\/(?:local\/)?(?:bin|sbin|lib|share|etc)|root|tmp)(?:\/|$)/;

function isNeeded(copy: CopyStep, { run, install }: SlowRun, file: LintFile): boolean {
  if (install !== undefined && copiesAll(copy)) return false;
  const [target, ...paths] = copiedPaths(copy, file);
  if (target === undefined) return !copiesAll(copy);
  if (systemFolders.test(target)) return true;
  const { text } = run.instruction;
  return [target, ...paths].some((path) => path !== '/' && names(text, path)) || mentions(copy, text);
}

function mentions({ instruction: { sources } }: CopyStep, text: string): boolean {
  return sources
    .map((source) => source.replace(/^["']|["']$|\/+$/g, ''))
    .some((source) => source.length > 1 && names(text, source));
}

/** Whether a path stands in a text by itself, or with something below it. */
function names(text: string, path: string): boolean {
  return new RegExp(`(?<![\\w./-])${path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w.-])`).test(text);
}

const downloads = ['curl', 'wget', 'git'];
const managers = ['apt-get', 'apt', 'apk', 'dnf', 'microdnf', 'yum', 'zypper'];

/** What takes its time with the network, and reads no more of the project than its manifests. */
function fetches(command: ShellCommand): boolean {
  if (command.words.some(({ text }) => /^\.{1,2}(?:\/|$)/.test(text))) return false;
  if (isExpensive(command) || managers.includes(command.name)) return true;
  if (downloads.includes(command.name)) return command.name !== 'git' || hasWord(command, 'clone');
  if (/^pip\d*(?:\.\d+)?$/.test(command.name))
    return hasWord(command, 'install') && !hasWord(command, '-e', '-r') && !hasFlag(command, 'requirement');
  if (command.name === 'npm') return hasWord(command, 'install', 'i') && hasFlag(command, 'g', 'global');
  if (command.name === 'gem') return hasWord(command, 'install');
  if (command.name === 'go') return hasWord(command, 'install');
  return command.name === 'cargo' && hasWord(command, 'install') && !hasFlag(command, 'path');
}

const asideNames = [
  ...[
    'cd',
    'mkdir',
    'rm',
    'echo',
    'printf',
    'set',
    'export',
    'true',
    ':',
    'tar',
    'unzip',
    'gpg',
    'sha256sum',
  ],
  ...['ln', 'mv', 'tee', 'ldconfig', 'locale-gen', 'update-ca-certificates', 'test', '[', 'sleep'],
];

const isAside = ({ name }: ShellCommand): boolean => asideNames.includes(name);
