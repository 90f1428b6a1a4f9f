// Has a copy of this program examine the machine from within a user namespace: nobody can look from there and come back.
import { execFile } from 'node:child_process';
import type { MachineReport } from '../../../index.ts';
import type { Session } from '../../session.ts';

/** Of a machine that answers slowly: trials have a limit of their own below it. */
const patience = 60_000;

/** Undefined where this is that copy, or where it could not be started. */
export async function examineInside(
  root: string,
  { env, signal, enterUserNamespace }: Pick<Session, 'env' | 'signal' | 'enterUserNamespace'>,
): Promise<MachineReport | undefined> {
  const program = process.argv[1];
  if (enterUserNamespace === undefined || program === undefined || process.platform !== 'linux')
    return undefined;
  const argv = [program, 'doctor', '--isolation=rootless', '--json', `--root=${root}`];
  const options = { env, signal, timeout: patience, maxBuffer: 1 << 24 };
  const told = await new Promise<string>((resolve) => {
    // It exits with 1 where something is missing, which is no failure of its own.
    execFile(process.execPath, argv, options, (_, stdout) => resolve(stdout));
  });
  signal.throwIfAborted();
  try {
    return (JSON.parse(told) as { report: MachineReport }).report;
  } catch {
    return undefined;
  }
}
