// What registries have granted so far: Authorization headers by what they allow, and for how long.

/** What a request needs to be allowed. */
export interface Access {
  registry: string;
  repository: string;
  /** `repository:library/busybox:pull`. */
  scopes: readonly string[];
}

export interface Grant {
  header: string;
  /** Milliseconds since 1970. */
  expires: number;
}

export interface Grants {
  /** The header of a grant that covers `access`, if there is one. */
  find(access: Access): string | undefined;
  add(access: Access, grant: Grant): void;
  /** Forgets what a registry does not take any more. */
  drop(registry: string, header: string): void;
}

interface Held extends Grant {
  scopes: readonly string[];
}

export function accessKey({ registry, scopes }: Access): string {
  return [registry, ...[...scopes].sort()].join(' ');
}

/** `repository:a/b:pull,push` covers `repository:a/b:pull`. */
function covers(held: readonly string[], wanted: string): boolean {
  if (held.includes(wanted)) return true;
  const end = wanted.lastIndexOf(':') + 1;
  const actions = wanted.slice(end).split(',');
  return held.some((one) => {
    if (end === 0 || one.lastIndexOf(':') + 1 !== end || !one.startsWith(wanted.slice(0, end))) return false;
    const granted = one.slice(end).split(',');
    return actions.every((action) => granted.includes(action));
  });
}

/** Whether what allows `held` allows `wanted`. */
export function includesAccess(held: Access, wanted: Access): boolean {
  return held.registry === wanted.registry && wanted.scopes.every((scope) => covers(held.scopes, scope));
}

/** @param now milliseconds since 1970 */
export function createGrants(now: () => number): Grants {
  const byRegistry = new Map<string, Held[]>();
  const held = (registry: string): Held[] =>
    (byRegistry.get(registry) ?? []).filter(({ expires }) => expires > now());
  return {
    find: ({ registry, scopes }) =>
      held(registry).find((grant) => scopes.every((wanted) => covers(grant.scopes, wanted)))?.header,
    add({ registry, scopes }, grant) {
      const others = held(registry).filter((one) => !one.scopes.every((scope) => covers(scopes, scope)));
      byRegistry.set(registry, [...others, { ...grant, scopes }]);
    },
    drop(registry, header) {
      byRegistry.set(
        registry,
        held(registry).filter((one) => one.header !== header),
      );
    },
  };
}
