// From the command line of `slipway bake` to what its files are read with.
import { SlipwayError } from '../../errors.ts';
import { type BakeInput, formatPlatform, localPlatform } from '../../index.ts';
import type { Arguments } from '../arguments.ts';
import type { Session } from '../session.ts';
import type { BakeFlagName } from './bake-flags.ts';
import type { BuildCall } from './build-call.ts';
import { readBakeFiles, readText } from './read-bake-files.ts';
import { type BakeWords, type FetchedDefinition, isCwdFile } from './remote-definition.ts';

export interface BakeInputParts {
  words: BakeWords;
  /** Of `words.url`, where it is set. */
  fetched: FetchedDefinition | undefined;
  call: BuildCall;
  session: Session;
}

/** @throws ERR_USAGE */
export async function readBakeInput(
  given: Arguments<BakeFlagName>,
  parts: BakeInputParts,
): Promise<BakeInput> {
  const { words, fetched, call, session } = parts;
  const vars = readVars(given.lists.var ?? []);
  const names = bakeFileNamesOf(given, session);
  const own = fetched ? names.filter(isCwdFile) : names;
  const files = [
    ...(fetched?.files ?? []),
    ...(fetched && own.length === 0 ? [] : await readBakeFiles(own, session)),
  ];
  if (files.length === 0) {
    throw new SlipwayError('ERR_USAGE', `there is no bake file in ${words.url}`, {
      hint: 'name one with --file, or the folder that it is in: URL#REF:FOLDER',
    });
  }
  return {
    files,
    names: words.names,
    overrides: [...(given.lists.set ?? []), ...shortOverrides(given, call)],
    vars,
    env: session.env,
    dotEnv: files.some(({ name }) => !/\.(hcl|json)$/i.test(name)) ? readText('.env', session) : undefined,
    localPlatform: formatPlatform(localPlatform(process)),
    now: session.now(),
    remote: fetched?.remote,
    commandContext: words.commandContext,
  };
}

/** `--file`, else BUILDX_BAKE_FILE, whose names stand apart as in PATH unless BUILDX_BAKE_PATH_SEPARATOR says otherwise. */
export function bakeFileNamesOf(
  { lists }: Pick<Arguments<BakeFlagName>, 'lists'>,
  { env }: Pick<Session, 'env'>,
): readonly string[] {
  if (lists.file && lists.file.length > 0) return lists.file;
  const names = (env['BUILDX_BAKE_FILE'] ?? '').split(env['BUILDX_BAKE_PATH_SEPARATOR'] || ':');
  return names.map((name) => name.trim()).filter((name) => name !== '');
}

/** Flags that stand for a --set of all targets. */
function shortOverrides({ booleans, texts }: Arguments<BakeFlagName>, call: BuildCall): string[] {
  const overrides: string[] = [];
  // `lint` is what the document of --print calls it.
  if (call.method !== 'build') overrides.push(`*.call=${call.method === 'check' ? 'lint' : call.method}`);
  for (const flag of ['no-cache', 'pull'] as const)
    if (booleans[flag] !== undefined) overrides.push(`*.${flag}=${booleans[flag]}`);
  for (const flag of ['load', 'push'] as const) if (booleans[flag]) overrides.push(`*.${flag}=true`);
  if (texts['secret-check'] !== undefined) overrides.push(`*.secret-check=${texts['secret-check']}`);
  for (const type of ['provenance', 'sbom'] as const) {
    const value = texts[type];
    if (value === undefined) continue;
    const rest = ['true', '1', ''].includes(value)
      ? ''
      : ['false', '0'].includes(value)
        ? ',disabled=true'
        : `,${value}`;
    overrides.push(`*.attest=type=${type}${rest}`);
  }
  return overrides;
}

function readVars(list: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    list.map((text) => {
      const equals = text.indexOf('=');
      if (equals < 1)
        throw new SlipwayError('ERR_USAGE', `--var: ${JSON.stringify(text)} is not written NAME=VALUE`, {
          hint: '--var TAG=1.2',
        });
      return [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}
