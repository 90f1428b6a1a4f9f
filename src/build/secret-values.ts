// The secrets of a build, by all the ways in which it gets any: what must show nowhere.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { BuildRequest, CachePlace } from '../build-request.ts';
import type { SecretValue } from '../secrets/secret-forms.ts';
import { pipedSecret } from './secret-pipes.ts';

/** Keystores are a few KiB. */
const mostBytes = 1 << 20;

/** What can't be read is none: a step that asks for it fails. */
export function secretValues(request: BuildRequest): SecretValue[] {
  const given = request.secrets.flatMap((secret): SecretValue[] => {
    const name = `secret ${secret.id}`;
    if (secret.type === 'env') return textValue(name, request.env[secret.name]);
    try {
      const path = resolve(request.cwd, secret.path);
      return [{ name, value: (pipedSecret(request, path) ?? readFileSync(path)).subarray(0, mostBytes) }];
    } catch {
      return [];
    }
  });
  return [...given, ...cacheLogins(request), ...logins(request)];
}

const textValue = (name: string, value: string | undefined): SecretValue[] =>
  value ? [{ name, value: Buffer.from(value) }] : [];

/** Nobody chose a login's password for this build. */
export const loginValue = (name: string, value: string | undefined): SecretValue[] =>
  textValue(name, value).map((one) => ({ ...one, oftenWord: true }));

function cacheLogins({ cacheFrom = [], cacheTo = [], env }: BuildRequest): SecretValue[] {
  const places: CachePlace[] = [
    ...cacheFrom.map(({ place }) => place),
    ...cacheTo.flatMap((target) => (target.type === 'place' ? [target.place] : [])),
  ];
  return places.flatMap((place) => {
    if (place.type === 'gha')
      return textValue("the token of GitHub's cache", place.token ?? env['ACTIONS_RUNTIME_TOKEN']);
    if (place.type !== 's3') return [];
    return [
      ...textValue("the bucket's key", place.secretAccessKey ?? env['AWS_SECRET_ACCESS_KEY']),
      ...textValue("the bucket's token", place.sessionToken ?? env['AWS_SESSION_TOKEN']),
    ];
  });
}

const proxyName = /^(?:https?|ftp|all)_proxy$/i;

/** Passwords in addresses: of proxies, and of the repository or archive that is built. */
function logins({ env, buildArgs, context, buildContexts }: BuildRequest): SecretValue[] {
  const proxies = [...Object.entries(env), ...Object.entries(buildArgs)].flatMap(([name, value]) =>
    proxyName.test(name) ? [value] : [],
  );
  return [
    ...proxies.flatMap((address) => passwordOf("the proxy's password", address)),
    ...[context, ...buildContexts.map(({ value }) => value)].flatMap((address) =>
      passwordOf("the context's password", address),
    ),
  ];
}

function passwordOf(name: string, address: string | undefined): SecretValue[] {
  if (!address?.includes('@') || !URL.canParse(address)) return [];
  const { password } = new URL(address);
  if (!password) return [];
  try {
    return loginValue(name, decodeURIComponent(password));
  } catch {
    return loginValue(name, password);
  }
}
