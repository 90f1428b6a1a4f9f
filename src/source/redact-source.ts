// What of an address may stand in a message: no login, no query.

/** Scheme, host and path of a URL; an address like `git@host:path` as it is. */
export function redactAddress(address: string): string {
  return address.replace(/[?#].*$/s, '').replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1');
}
