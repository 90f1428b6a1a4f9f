// `npm run quickstart -- --every-rung`: builds the quickstart on every rung of the isolation ladder, in surroundings that are made for
// it, and prints a table. Exits with 1 where layers differ from those of the sandbox, or a rung is another one.
import { runEveryRung, rungsTable } from './every-rung.ts';

const runs = await runEveryRung((line) => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
});
if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
console.log(rungsTable(runs));
process.exitCode = runs.some(({ problem }) => problem !== undefined) ? 1 : 0;
