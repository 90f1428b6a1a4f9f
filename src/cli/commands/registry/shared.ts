// What all commands that talk to registries have in common: flags, the engine, progress.
import type { Engine, OnEvent } from '../../../index.ts';
import type { Arguments, Flag } from '../../arguments.ts';
import type { Session } from '../../session.ts';
import { engineOptions, perform, startProgress } from '../build.ts';
import { flagGroups as groups } from '../flag-groups.ts';
import { chooseProgressMode, progressFlag } from '../progress-mode.ts';
import { type RegistryFlagName, readRegistrySettings, registryFlags } from '../registry-flags.ts';

const common = [
  { name: 'debug', short: 'D', type: 'boolean', group: groups.report, help: 'show stack traces with errors' },
  { name: 'help', short: 'h', type: 'boolean', group: groups.report, help: 'this text' },
  {
    name: 'root',
    type: 'text',
    value: 'DIR',
    group: groups.machine,
    help: 'the state folder (default: as for slipway build)',
  },
] as const satisfies readonly Flag[];

export const progressFlags = [
  { ...progressFlag, group: groups.report },
  {
    name: 'quiet',
    short: 'q',
    type: 'boolean',
    group: groups.report,
    help: 'no progress; print the name alone',
  },
] as const satisfies readonly Flag[];

export const platformFlag = {
  name: 'platform',
  type: 'text',
  value: 'OS/ARCH',
  group: groups.input,
  help: 'the image for this platform, of one that has several',
} as const satisfies Flag;

export type CommonFlagName = (typeof common)[number]['name'] | RegistryFlagName;
export const commonFlags: readonly Flag<CommonFlagName>[] = [...registryFlags, ...common];

/** Those that mean something to who asks a registry itself, and does not pull from it. */
export const directFlags = commonFlags.filter(
  ({ name }) => name !== 'registry-mirror' && name !== 'skip-default-registry-fallback',
);

/**
 * The engine that a command line asks for; it is loaded here.
 * @param image --creds is for its registry alone; undefined: for all that are asked
 * @throws ERR_USAGE, ERR_BAD_REFERENCE
 */
export async function openEngine(
  given: Pick<Arguments<CommonFlagName>, 'booleans' | 'texts' | 'lists'>,
  session: Session,
  image?: string,
): Promise<Engine> {
  session.failure.debug = given.booleans.debug ?? false;
  const { createEngine, parseReference } = await import('../../../index.ts');
  const pushedTo = image === undefined ? undefined : [parseReference(image).registry];
  const registry = readRegistrySettings({ ...given, pushedTo }, session);
  return createEngine({ ...engineOptions(given, session), registry });
}

/** Runs a call of the engine's and shows how far it is. */
export async function withProgress<T>(
  given: Pick<Arguments<(typeof progressFlags)[number]['name']>, 'booleans' | 'texts'>,
  session: Session,
  work: (onEvent: OnEvent) => Promise<T>,
): Promise<T> {
  const quiet = given.booleans.quiet ?? false;
  const progress = startProgress(
    chooseProgressMode({ quiet, progress: given.texts.progress }, session),
    session,
  );
  const result = await perform({ session, progress }, work);
  progress.finish({ status: 'done' });
  return result;
}
