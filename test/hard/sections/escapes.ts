// Steps that try to get out: every attempt in every runtime of this machine, and races for the places where mounts are made.
import { createChrootRuntime } from '../../../src/runtime/chroot.ts';
import { createOciRuntime } from '../../../src/runtime/oci-runtime.ts';
import { createSandboxRuntime } from '../../../src/runtime/sandbox.ts';
import type { EscapeAttempt, Level } from '../../support/escapes/attempt.ts';
import { allAttempts } from '../../support/escapes/attempts.ts';
import { mountRaces } from '../../support/escapes/mount-race.ts';
import { escapeBench } from '../../support/escapes/run-attempts.ts';
import { haveTools, userNamespaces } from '../../support/escapes/tools.ts';
import { createRandom } from '../../support/random.ts';
import { stepWorks } from '../../support/step-bench.ts';
import { tempDir } from '../../support/temp-dir.ts';
import type { HardFailure, HardOptions, HardResult, HardSection } from '../section.ts';

/** Other neighbours, in the same step and before it, for each seed. */
function shuffled(seed: number): EscapeAttempt[] {
  const random = createRandom(seed);
  const list = [...allAttempts];
  for (let at = list.length - 1; at > 0; at--) {
    const other = random.number(at + 1);
    [list[at], list[other]] = [list[other]!, list[at]!];
  }
  return list;
}

async function tryAll(level: Level, seed: number, count: number): Promise<HardFailure[]> {
  await using dir = await tempDir();
  await using bench = await escapeBench(dir, { noexec: level === 'unshare' });
  const attempts = shuffled(seed).slice(0, count);
  const open = new Set(attempts.flatMap(({ name, open }) => (open?.[level] ? [name] : [])));
  const escapes = await bench.run(attempts, { level });
  return escapes
    .filter(({ name }) => !open.has(name))
    .map(({ name, seen }) => ({
      what: `${level}: ${name}: ${seen}`,
      again: `npm run test:hard -- escapes --seed=${seed}`,
    }));
}

async function run({ attempts, seed, signal, report }: HardOptions): Promise<HardResult> {
  if (!haveTools) return { attempts: 0, failures: [], missing: 'perl' };
  if (!(await stepWorks(createSandboxRuntime()))) return { attempts: 0, failures: [], missing: 'sandbox' };
  const levels: Level[] = ['sandbox', 'unshare'];
  if (userNamespaces()) levels.push('rootless');
  if (await stepWorks(createOciRuntime({ command: 'runc' }))) levels.push('oci');
  if (await stepWorks(createChrootRuntime(), { whole: true })) levels.push('chroot');
  const failures: HardFailure[] = [];
  let made = 0;
  for (let round = 0; made < attempts; round++) {
    signal.throwIfAborted();
    const level = levels[round % levels.length]!;
    const count = Math.min(allAttempts.length, attempts - made);
    report(`${level}: ${count} attempts`);
    failures.push(...(await tryAll(level, seed + round, count)));
    made += count;
    // Racing takes as long as all others together.
    const races = Math.ceil(count / 10);
    report(`${races} races`);
    const won = await mountRaces(races, signal);
    if (won > 0)
      failures.push({
        what: `${won} of ${races} races for a mount point were won`,
        again: `npm run test:hard -- escapes --seed=${seed}`,
      });
    made += races;
  }
  return { attempts: made, failures };
}

export const section: HardSection = {
  name: 'escapes',
  what: 'what steps try on the host is refused',
  bounded: 60,
  full: 1500,
  run,
};
