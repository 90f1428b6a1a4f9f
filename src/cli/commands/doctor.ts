// `slipway doctor`: examines the machine, also from within a user namespace, and says what is there and what is missing.
import { SlipwayError } from '../../errors.ts';
import type { Engine, EngineOptions } from '../../index.ts';
import { parseArguments } from '../arguments.ts';
import type { Session } from '../session.ts';
import { stateRoot } from '../state-root.ts';
import { doctorFlags } from './doctor-command.ts';
import { chooseIsolation, chooseLevel } from './machine-choices.ts';

type Examiner = (
  options: EngineOptions,
) => Pick<Engine, 'examine'> & { images: Pick<Engine['images'], 'check'> };

/** @throws ERR_USAGE for the command line */
export async function runDoctor(
  argv: readonly string[],
  session: Session,
  createEngine: Examiner,
): Promise<void> {
  const given = parseArguments(doctorFlags, argv, 'slipway doctor');
  session.failure.debug = given.booleans.debug ?? false;
  const isolation = chooseIsolation(given.texts.isolation, session);
  const require = chooseLevel(given.texts.require, isolation, session);
  const root = stateRoot(given.texts.root, session);
  const engine = createEngine({ root, isolation, snapshotter: 'auto', parallelism: 1, env: session.env });
  const [{ examineInside }, { joinReports }, { diagnose }] = await Promise.all([
    import('./doctor/examine-inside.ts'),
    import('./doctor/join-reports.ts'),
    import('./doctor/diagnose.ts'),
  ]);
  if (given.booleans.store) {
    const { checkStore } = await import('./doctor/check-store.ts');
    return checkStore(given.booleans, engine.images, session);
  }
  for (const flag of ['quick', 'repair'] as const) {
    if (given.booleans[flag])
      throw new SlipwayError('ERR_USAGE', `--${flag} needs --store`, {
        hint: `slipway doctor --store --${flag}`,
      });
  }
  const looksInside = isolation === 'auto' || isolation === 'rootless';
  // One after the other: each leaves the state folder as it was.
  const inside = looksInside ? await examineInside(root, session) : undefined;
  const own = await engine.examine();
  const report = joinReports({ own, inside, isolation });
  const diagnosis = diagnose(report, { require, flags: given.texts, session });
  if (given.booleans.json) {
    session.stdout.write(`${JSON.stringify({ ...diagnosis, report }, undefined, 2)}\n`);
  } else {
    const { doctorText } = await import('./doctor/doctor-text.ts');
    session.stdout.write(doctorText(report, diagnosis, { verbose: given.booleans.verbose ?? false }));
  }
  if (!diagnosis.healthy) session.failure.exitCode = 1;
}
