// What builds noted of their steps, as the linter tells it: real builds with a slow step, then `slipway lint`.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { requireWorkbench, type Workbench, workbench } from '../support/workbench.ts';

const test = suite('e2e lint-history');

const dockerfile = `FROM base
COPY --chmod=755 npm /bin/npm
WORKDIR /app
COPY . .
RUN npm ci
`;

const files = {
  Dockerfile: dockerfile,
  npm: '#!/bin/sh\nsleep 1.1\n',
  'package.json': '{}',
  'src/a.js': '',
  'src/b.js': '',
  'slipway.yaml': 'lint:\n  slow-step: 1s\n',
};

async function findings(bench: Workbench, flags: readonly string[] = []): Promise<string[]> {
  const argv = ['lint', '--no-fail', '--format=json', ...flags, 'Dockerfile'];
  const { stdout } = await bench.slipway(argv, { cwd: bench.context });
  return (JSON.parse(stdout) as { code: string; line: number; message: string }[])
    .filter(({ code }) => ['SW001', 'SW013'].includes(code))
    .map(({ code, line, message }) => `${line} ${code} ${message}`);
}

test('a step that was slow is told of with its time and the files that make it run again, also when it hits', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench(files);
  assert.match((await findings(bench)).join(), /^4 SW001 /);
  await bench.build();
  const [found, ...others] = await findings(bench);
  assert.match(
    found!,
    /^4 SW013 npm ci in line 5 took 1\.\d s, and runs again for each change of one of the 6 files that are copied here: copy package\*\.json above it and the rest below$/,
  );
  assert.equal(others, []);
  await bench.build();
  assert.equal(await findings(bench), [found]);
  assert.match((await findings(bench, ['--no-history'])).join(), /^4 SW001 /);
});

test('a step that was quick, and a Dockerfile elsewhere, are not', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    ...files,
    npm: '#!/bin/sh\n',
    'slipway.yaml': 'lint:\n  slow-step: 20s\n',
  });
  await bench.build();
  assert.match((await findings(bench)).join(), /^4 SW001 /);
  await bench.write({ 'other/Dockerfile': dockerfile });
  await bench.write({ 'slipway.yaml': 'lint:\n  slow-step: 0\n' });
  assert.match((await findings(bench)).join(), /^4 SW013 /);
  const { stdout } = await bench.slipway(['lint', '--no-fail', '--format=json', 'other/Dockerfile'], {
    cwd: bench.context,
  });
  assert.not.match(stdout, /SW013/);
});

test.run();
