// Runs the jobs of a plan as their engine would: one after the other, each on a machine of its own that is born empty.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { top } from './cli.ts';
import { git } from './git-server.ts';
import { runCommand } from './run-command.ts';
import type { TempDir } from './temp-dir.ts';

/** A job, in words that hold for all engines. */
interface Job {
  id: string;
  needs: string[];
  /** Texts that are run by `sh -e`, in order, each with variables of its own. */
  scripts: { text: string; env: Record<string, string> }[];
}

interface Machine {
  folder: string;
  env: Record<string, string>;
}

/** What came out of jobs, by `job.name` or by name. */
type Outputs = Map<string, string>;

/** A machine with slipway, a checkout of the repository, and nothing else. npm has nothing to install there. */
function bootMachine(dir: TempDir, id: string, repository: string): Machine {
  const folder = dir.file(`machine-${id}`);
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const programs = {
    slipway: `#!/bin/sh\nexec ${process.execPath} ${join(top, 'dist/cli/main.js')} "$@"\n`,
    npm: '#!/bin/sh\nexit 0\n',
  };
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
  }
  git(folder, 'clone', '--quiet', repository, 'source');
  const env = {
    PATH: `${bin}:${process.env['PATH']}`,
    HOME: join(folder, 'home'),
    SLIPWAY_ROOT: join(folder, 'state'),
    GITHUB_OUTPUT: join(folder, 'output'),
  };
  return { folder, env };
}

/** Those that nothing waits for first. */
function inOrder(jobs: readonly Job[]): Job[] {
  const done: Job[] = [];
  while (done.length < jobs.length) {
    const ready = jobs.filter(
      (job) => !done.includes(job) && job.needs.every((id) => done.some((other) => other.id === id)),
    );
    if (ready.length === 0) throw new Error('jobs wait for each other');
    done.push(...ready);
  }
  return done;
}

function pairsOf(path: string): [string, string][] {
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
}

async function runJobs(
  jobs: readonly Job[],
  where: { dir: TempDir; repository: string; engine: string },
  finish: (job: Job, machine: Machine, outputs: Outputs) => void,
): Promise<void> {
  const outputs: Outputs = new Map();
  for (const job of inOrder(jobs)) {
    const machine = bootMachine(where.dir, `${where.engine}-${job.id}`, where.repository);
    for (const { text, env } of job.scripts) {
      const known = Object.entries(env).map(([name, value]) => [
        name,
        value
          .replace(
            /\$\{\{ needs\.([\w-]+)\.outputs\.(\w+) \}\}/g,
            (_, id, output) => outputs.get(`${id}.${output}`) ?? '',
          )
          .replace(/\$\{\{.*?\}\}/g, ''),
      ]);
      const shared = Object.fromEntries([...outputs].filter(([name]) => !name.includes('.')));
      const result = await runCommand(['bash', '-e', '-c', text], {
        cwd: join(machine.folder, 'source'),
        env: { ...machine.env, ...shared, ...Object.fromEntries(known) },
      });
      if (result.code !== 0) throw new Error(`${job.id}: ${text}\n${result.stdout}\n${result.stderr}`);
    }
    finish(job, machine, outputs);
  }
}

export interface JobRun {
  dir: TempDir;
  /** A path to clone. */
  repository: string;
}

const list = (value: string | string[] | undefined): string[] => (value === undefined ? [] : [value].flat());

interface WorkflowStep {
  run?: string;
  env?: Record<string, string>;
}

export function runGithub(text: string, where: JobRun): Promise<void> {
  const { jobs } = parse(text) as {
    jobs: Record<string, { needs?: string | string[]; outputs?: object; steps: WorkflowStep[] }>;
  };
  const all = Object.entries(jobs).map(
    ([id, { needs, steps }]): Job => ({
      id,
      needs: list(needs),
      scripts: steps.flatMap(({ run, env = {} }) => (run === undefined ? [] : [{ text: run, env }])),
    }),
  );
  return runJobs(all, { ...where, engine: 'github' }, (job, machine, outputs) => {
    if (!jobs[job.id]!.outputs) return;
    for (const [name, value] of pairsOf(machine.env['GITHUB_OUTPUT']!))
      outputs.set(`${job.id}.${name}`, value);
  });
}

interface PipelineJob {
  needs?: string[];
  script: string[];
  artifacts?: { reports: { dotenv: string } };
}

export function runGitlab(text: string, where: JobRun): Promise<void> {
  const {
    stages: _stages,
    default: first,
    ...jobs
  } = parse(text) as Record<string, PipelineJob> & {
    stages: string[];
    default: { before_script: string[] };
  };
  const all = Object.entries(jobs as Record<string, PipelineJob>).map(
    ([id, { needs = [], script }]): Job => ({
      id,
      needs,
      scripts: [{ text: [...first.before_script, ...script].join('\n'), env: {} }],
    }),
  );
  return runJobs(all, { ...where, engine: 'gitlab' }, (job, machine, outputs) => {
    const report = (jobs as Record<string, PipelineJob>)[job.id]!.artifacts?.reports.dotenv;
    if (report === undefined) return;
    for (const [name, value] of pairsOf(join(machine.folder, 'source', report))) outputs.set(name, value);
  });
}

interface Container {
  command: string[];
}

export function runKubernetes(text: string, where: JobRun): Promise<void> {
  const all = parseAllDocuments(text).map((document): Job => {
    const { metadata, spec } = document.toJSON() as {
      metadata: { labels: Record<string, string> };
      spec: { template: { spec: { initContainers: Container[]; containers: Container[] } } };
    };
    const { initContainers, containers } = spec.template.spec;
    // Jobs have no order of their own: the last one waits, so that it may as well come last here.
    const id = metadata.labels['slipway/job']!;
    // The workspace is empty there, and cloned into.
    const empty = 'find . -mindepth 1 -delete';
    return {
      id,
      needs: [],
      scripts: [...initContainers, ...containers].map(({ command }, index) => ({
        text: [...(index === 0 ? [empty] : []), command.at(-1)!].join('\n'),
        // What pods without further rights have: test/e2e/ladder.test.ts builds in such a container.
        env: { SLIPWAY_ISOLATION: 'chroot' },
      })),
    };
  });
  return runJobs(all, { ...where, engine: 'kubernetes' }, () => {});
}
