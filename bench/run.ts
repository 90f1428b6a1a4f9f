// `npm run bench`: runs scenarios, prints a table, writes reports. Exits with 1 where a builder did something wrong.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createBench } from './bench.ts';
import { parseFlags, USAGE } from './flags.ts';
import { describeMachine } from './machine.ts';
import { findPeers } from './peers/find-peers.ts';
import { htmlReport } from './report/html.ts';
import { writeReadme } from './report/readme.ts';
import { aimsText, headText, notesText, scenarioTable } from './report/terminal.ts';
import type { BenchResult } from './result.ts';
import { runScenario } from './run-scenario.ts';
import { allScenarios } from './scenarios/all-scenarios.ts';
import { type SlipwayProgram, slipwayProgram } from './slipway.ts';

const flags = parseFlags(process.argv.slice(2));
const isTerminal = process.stderr.isTTY === true;

/** One line that is written over on a terminal, a line each elsewhere. */
function report(text: string): void {
  process.stderr.write(isTerminal ? `\r\x1b[K${text}` : `${text}\n`);
}

function programs(): SlipwayProgram[] {
  const top = `${resolve(import.meta.dirname, '..')}/`;
  if (flags.slipways.length === 0) return [slipwayProgram('slipway', top)];
  return flags.slipways.map((word, index) => {
    const [, name = index === 0 ? 'slipway' : `slipway-${index + 1}`, path = ''] =
      /^(?:([\w.-]+)=)?(.*)$/.exec(word) ?? [];
    return slipwayProgram(name, path);
  });
}

/** Daemons are stopped and folders removed before the end. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => controller.abort(new Error(`ended by ${name}`)));
  return controller.signal;
}

async function run(): Promise<BenchResult> {
  const { words, samples, quick, workDir, memorySize, corpus } = flags;
  const chosen = allScenarios.filter(
    ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
  );
  if (chosen.length === 0) throw new Error(`no scenario matches ${words.join(' ')}; --list names them`);
  const { builders: peers, missing } = await findPeers({ wanted: flags.peers, dockers: flags.dockers });
  const options = {
    workDir,
    programs: programs(),
    peers,
    samples,
    quick,
    memorySize,
    corpus,
    signal: interruption(),
  };
  const extraCertificates = process.env['NODE_EXTRA_CA_CERTS'] !== undefined;
  const result: BenchResult = {
    ...{ date: new Date().toISOString(), samples, quick, missing, extraCertificates, scenarios: [] },
    machine: await describeMachine(workDir),
  };
  console.log(headText(result));
  await using bench = await createBench(options);
  for (const scenario of chosen) {
    const done = await runScenario(scenario, bench, report);
    result.scenarios.push(done);
    report('');
    console.log(scenarioTable(done));
    if (flags.json !== undefined) writeFileSync(flags.json, JSON.stringify(result));
  }
  return result;
}

if (flags.help) console.log(USAGE);
else if (flags.list) for (const { name, title } of allScenarios) console.log(`${name.padEnd(16)} ${title}`);
else {
  const result: BenchResult =
    flags.from === undefined ? await run() : JSON.parse(readFileSync(flags.from, 'utf8'));
  if (flags.from !== undefined) console.log(headText(result), result.scenarios.map(scenarioTable).join('\n'));
  console.log(notesText(result));
  if (flags.aims) console.log(`\n${aimsText(result)}`);
  if (flags.html !== undefined) writeFileSync(flags.html, htmlReport(result));
  if (flags.readme) writeReadme(join(import.meta.dirname, 'README.md'), result);
  const wrong = result.scenarios.some(({ subjects }) => subjects.some(({ failed }) => failed !== undefined));
  process.exitCode = wrong ? 1 : 0;
}
