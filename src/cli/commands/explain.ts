// `slipway explain`: from the command line to a build that the state folder knows, and from what is known of it to lines or JSON.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SlipwayError } from '../../errors.ts';
import type { BuildRecord, Engine, ExplainedBuild, ExplainedStep, StepRecord } from '../../index.ts';
import type { Arguments, Flag } from '../arguments.ts';
import { harmless } from '../progress/harmless.ts';
import type { Session } from '../session.ts';
import { toJson } from './answer-call.ts';
import { machineFlags, openCommand, groups as shared } from './images/machine-flags.ts';

const groups = { ...shared, foretell: 'Before a change (--if-changed)' } as const;

const own = [
  {
    name: 'file',
    short: 'f',
    type: 'text',
    value: 'PATH',
    group: groups.what,
    help: 'the newest build of this Dockerfile (default: ./Dockerfile, else the newest of all)',
  },
  {
    name: 'build',
    type: 'text',
    value: 'ID',
    group: groups.what,
    help: 'this build: its id, or how that begins',
  },
  { name: 'all', type: 'boolean', group: groups.what, help: 'steps that hit, too' },
  { name: 'list', type: 'boolean', group: groups.what, help: 'the builds that are known, the newest first' },
  {
    name: 'if-changed',
    type: 'list',
    value: 'PATH',
    group: groups.foretell,
    help: 'which steps would run if this file, folder or pattern (or another PATH behind it) changed, and what that cost',
  },
  {
    name: 'context',
    type: 'text',
    value: 'DIR',
    group: groups.foretell,
    help: 'the build context (default: that of the newest build)',
  },
  { name: 'target', type: 'text', value: 'STAGE', group: groups.foretell, help: 'the stage that is built' },
  { name: 'platform', type: 'list', value: 'OS/ARCH', group: groups.foretell, help: 'what is built for' },
  {
    name: 'build-arg',
    type: 'list',
    value: 'NAME=VALUE',
    group: groups.foretell,
    help: 'the value of an ARG: values that builds had are kept nowhere',
  },
  {
    name: 'build-context',
    type: 'list',
    value: 'NAME=VALUE',
    group: groups.foretell,
    help: 'a named context (default: those of the newest build)',
  },
  { name: 'json', type: 'boolean', group: groups.output, help: 'as build --cache-report writes it' },
] as const satisfies readonly Flag[];

const foretellOnly = ['context', 'target', 'platform', 'build-arg', 'build-context'] as const;

type Name = (typeof own)[number]['name'];

export const explainFlags: readonly Flag[] = [...own, ...machineFlags];

/** @throws ERR_USAGE */
export async function runExplain(argv: readonly string[], session: Session): Promise<void> {
  const { given, engine } = await openCommand<Name>(explainFlags as readonly Flag<Name>[], argv, {
    session,
    command: 'slipway explain',
  });
  const { cacheReport, explanationLines } = await import('../../index.ts');
  const request = await chooseBuild(given, engine, session);
  if (given.lists['if-changed']) {
    const { runForetell } = await import('./foretell.ts');
    const [newest] = await engine.builds(request);
    return runForetell({ given, newest }, engine, session);
  }
  const early = foretellOnly.find((name) => given.texts[name] !== undefined || given.lists[name]);
  if (early !== undefined)
    throw new SlipwayError('ERR_USAGE', `--${early} belongs to --if-changed`, {
      hint: 'a build that was is chosen with -f or --build',
    });
  if (given.booleans.list) {
    const builds = await engine.builds(request);
    session.stdout.write(
      given.booleans.json ? toJson(builds) : builds.map((one) => `${harmless(listed(one))}\n`).join(''),
    );
    return;
  }
  const explained = await engine.explain({ ...request, files: true, signal: session.signal });
  if (given.booleans.json) {
    session.stdout.write(toJson(cacheReport(explained)));
    return;
  }
  const [word, ...more] = given.positionals;
  if (more.length > 0)
    throw new SlipwayError('ERR_USAGE', 'slipway explain takes one step', {
      hint: 'a line, a stage, or some words of it',
    });
  const steps = chooseSteps(explained, word, given.booleans.all ?? false);
  const lines = [
    heading(explained),
    ...answers(explained),
    ...explanationLines(explained, steps),
    summary(explained),
  ];
  session.stdout.write(lines.map((line) => `${harmless(line)}\n`).join(''));
}

async function chooseBuild(
  { texts }: Arguments<Name>,
  engine: Pick<Engine, 'builds'>,
  { cwd }: Session,
): Promise<{ dockerfile?: string; build?: string | undefined; cwd: string }> {
  if (texts.file !== undefined) return { dockerfile: texts.file, build: texts.build, cwd };
  if (texts.build !== undefined) return { build: texts.build, cwd };
  for (const name of ['Dockerfile', 'dockerfile', 'Containerfile']) {
    if (!existsSync(join(cwd, name))) continue;
    if ((await engine.builds({ dockerfile: name, cwd })).length > 0) return { dockerfile: name, cwd };
  }
  return { cwd };
}

const isMiss = ({ outcome }: StepRecord): boolean => ['ran', 'failed', 'canceled'].includes(outcome);

/** A line, a stage, words of the step; else all that missed, and what has moved below them. @throws ERR_USAGE */
function chooseSteps(
  { build, steps }: ExplainedBuild,
  word: string | undefined,
  all: boolean,
): readonly ExplainedStep[] {
  const stepOf = ({ step }: ExplainedStep): StepRecord => build.steps[step]!;
  const told = steps.filter((one) => stepOf(one).label !== '');
  if (word === undefined) {
    if (all) return told;
    return told.filter(
      (one) => isMiss(stepOf(one)) || (stepOf(one).type === 'image' && one.causes.length > 0),
    );
  }
  const line = /^\d+$/.test(word) ? Number(word) : undefined;
  const found = told.filter((one) => {
    const { lines, stage, text, label } = stepOf(one);
    if (line !== undefined) return line >= lines[0] && line <= lines[1];
    return stage === word || label === word || text.toLowerCase().includes(word.toLowerCase());
  });
  if (found.length > 0) return found;
  const what = line === undefined ? `no step ${JSON.stringify(word)}` : `no step on line ${line}`;
  throw new SlipwayError('ERR_USAGE', `the build has ${what}`, {
    hint: 'give a line of the Dockerfile, a stage, or some words of the step; --all shows all',
  });
}

function heading({ build, earlier, cache }: ExplainedBuild): string {
  const against =
    cache !== undefined
      ? `, against what ${cache} had`
      : earlier
        ? `, against the one of ${earlier.started}`
        : '';
  return `${build.dockerfile.path}: build of ${build.started} (${build.outcome})${against}`;
}

/** What shared caches said. */
function answers({ build }: ExplainedBuild): string[] {
  return build.caches.map(({ name, answer, results = 0, error = '' }) => {
    if (answer === 'read') return `asked ${name}: it knows ${results} result${results === 1 ? '' : 's'}`;
    return `asked ${name}: ${answer === 'missing' ? 'there is no such cache' : error}`;
  });
}

function summary({ build, seconds }: ExplainedBuild): string {
  const count = (...outcomes: string[]): number =>
    build.steps.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const missed = count('ran', 'failed', 'canceled');
  const time = (value: number): string => `${Number(value.toFixed(1))} s`;
  return `${count('hit')} hit, which saved ${time(seconds.saved)}; ${missed} missed, which took ${time(seconds.ran)}`;
}

function listed({ id, started, outcome, seconds, dockerfile, steps }: BuildRecord): string {
  const hits = steps.filter((step) => step.outcome === 'hit').length;
  const misses = steps.filter(isMiss).length;
  return `${id}  ${started}  ${outcome.padEnd(8)}  ${seconds.toFixed(1)} s  ${hits} hit, ${misses} missed  ${dockerfile.path}`;
}
