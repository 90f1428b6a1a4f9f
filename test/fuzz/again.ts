// Tries one input again: `node --import tsx test/fuzz/again.ts SEED NUMBER [TARGET…]`, with the targets of the run that it failed in.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fuzzTargets } from './fuzz-targets.ts';
import { inputFor, tryInput } from './try-input.ts';

const [seed = '0', at = '0', ...only] = process.argv.slice(2);
const targets = only.length === 0 ? fuzzTargets : fuzzTargets.filter(({ name }) => only.includes(name));
const { target, input } = await inputFor(targets, { seed: Number(seed), at: Number(at) });
const scratch = mkdtempSync(join(tmpdir(), 'slipway-fuzz-'));
const file = join(tmpdir(), `slipway-fuzz-${target.name}-${seed}-${at}`);
writeFileSync(file, input);
try {
  const { failure, seconds } = await tryInput(target, input, scratch);
  process.stdout.write(
    `${target.name}: ${input.length} bytes (${file}), ${seconds.toFixed(2)} s of CPU time\n`,
  );
  process.stdout.write(`${failure ?? 'as it should be'}\n`);
  process.exitCode = failure === undefined ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
