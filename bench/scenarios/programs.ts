// What is timed without a build: start-up, and lint.
import { existsSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram, mustRun, runCommand } from '../../test/support/run-command.ts';
import type { Bench } from '../bench.ts';
import { Skipped } from '../builder.ts';
import { writeFiles } from '../data.ts';
import { writeDockerfileCorpus } from '../dockerfiles.ts';
import { type MeasureOptions, measure } from '../measure.ts';
import { expectSame, type Sample, type Scenario, type Subject, WrongResult } from '../scenario.ts';
import { plainEnvironment } from '../slipway.ts';
import { writeDockerfiles } from './steps.ts';

interface Command extends MeasureOptions {
  argv: readonly string[];
  /** @throws WrongResult */
  check(log: string, code: number): void;
}

async function time({ argv, check, ...options }: Command): Promise<Sample> {
  const { log, code, ...measured } = await measure(argv, options);
  check(log, code);
  return measured;
}

const succeeded = (log: string, code: number): void => {
  if (code !== 0) throw new WrongResult(`code ${code}\n${log.slice(-2000)}`);
};

interface SubjectOptions {
  name: string;
  isPeer?: boolean;
  version?: string;
  notes?: string[];
  command(): Promise<Command>;
}

function subject({ name, isPeer = false, version = '', notes = [], command }: SubjectOptions): Subject {
  return {
    ...{ name, isPeer, version, notes },
    async open() {
      const ready = await command();
      return { sample: () => time(ready) };
    },
  };
}

/** A build of five files and two steps that is all cached. */
async function cachedBuild(bench: Bench, program: readonly string[]): Promise<Command> {
  const base = await bench.base('busybox');
  const text = `FROM ${base}\nCOPY files /files\nRUN ls /files > /list\n`;
  const { context, dockerfile } = await writeDockerfiles(bench, base, text);
  writeFiles(join(context, 'files'), { count: 5, size: 1000 });
  const root = bench.fresh('state');
  await mkdir(root);
  const argv = [...program, 'build', '--root', root, '--progress=plain', '--file', dockerfile, context];
  await mustRun(argv, { env: { NODE_EXTRA_CA_CERTS: undefined } });
  const check = (log: string, code: number): void => {
    succeeded(log, code);
    expectSame('cached steps', /(\d+) steps?, (\d+) from the cache/.exec(log)?.slice(1).join(), '2,2');
  };
  return { argv, env: plainEnvironment(), check };
}

const start: Scenario = {
  name: 'start',
  title: 'start-up, and a small build that is all cached',
  what: 'Against Node with nothing to do. With NODE_EXTRA_CA_CERTS, Node itself reads the certificates at every start.',
  async subjects(bench) {
    const env = plainEnvironment();
    const bundle = process.env['NODE_EXTRA_CA_CERTS'] ?? '/etc/ssl/certs/ca-certificates.crt';
    const withCertificates = { ...env, NODE_EXTRA_CA_CERTS: bundle };
    const command =
      (argv: string[], environment = env) =>
      async () => {
        if (environment === withCertificates && !existsSync(bundle)) throw new Skipped(`no ${bundle} here`);
        return { argv, env: environment, check: succeeded };
      };
    // NODE_EXTRA_CA_CERTS, where names have to be short.
    const certificates = 'with certificates';
    const node = [process.execPath, '-e', '0'];
    return [
      subject({ name: 'node -e 0', isPeer: true, version: process.version, command: command(node) }),
      subject({ name: `node -e 0 ${certificates}`, isPeer: true, command: command(node, withCertificates) }),
      ...bench.options.programs.flatMap(({ name, argv }) => {
        const version = [...argv, '--version'];
        return [
          subject({ name: `${name} --version`, command: command(version) }),
          subject({ name: `${name} --version ${certificates}`, command: command(version, withCertificates) }),
          subject({ name: `${name} build, cached`, command: () => cachedBuild(bench, argv) }),
        ];
      }),
    ];
  },
};

function findDockerfiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /dockerfile/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Findings make the code 1. */
const linted = (log: string, code: number): void => {
  if (code !== 0 && code !== 1) throw new WrongResult(`code ${code}\n${log.slice(-2000)}`);
  // The last of the made-up files has findings, as each has.
  if (log.trim() === '') throw new WrongResult('nothing was found');
};

const lint: Scenario = {
  name: 'lint',
  title: 'lint 1,300 Dockerfiles',
  what: 'In one process. Made-up files with common habits, or those of --corpus. Something must be found.',
  async subjects(bench) {
    const { corpus } = bench.options;
    const files = corpus
      ? findDockerfiles(corpus)
      : writeDockerfileCorpus(bench.fresh('corpus'), bench.size(1300, 30));
    const hadolint = findProgram('hadolint');
    const env = plainEnvironment();
    const own = bench.options.programs.map(({ name, argv }) =>
      subject({
        name: `${name} lint`,
        notes: [`${files.length} files`],
        async command() {
          const help = await runCommand([...argv, 'lint', '--help'], { env });
          if (help.code !== 0) throw new Skipped('there is no lint command');
          return { argv: [...argv, 'lint', ...files], env, check: linted };
        },
      }),
    );
    const other = subject({
      ...{ name: 'hadolint', isPeer: true },
      async command() {
        if (hadolint === undefined) throw new Skipped('hadolint is not on PATH');
        return { argv: [hadolint, ...files], env, check: linted };
      },
    });
    return [...own, other];
  },
};

export const programScenarios: Scenario[] = [start, lint];
