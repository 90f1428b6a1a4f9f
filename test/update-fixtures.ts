// Writes the expectations of all golden tests anew. Read the difference before it is kept: `git diff fixtures`.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import glob from 'fast-glob';

const top = resolve(import.meta.dirname, '..');
for (const file of (await glob('test/**/golden.test.ts', { cwd: top })).sort()) {
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', file], {
    cwd: top,
    env: { ...process.env, SLIPWAY_UPDATE_FIXTURES: '1' },
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}
