// The logins of a registry under test: Basic, or bearer tokens that hold for some requests (distribution's token spec).
import type { IncomingMessage } from 'node:http';
import type { RequestKind } from './request-kind.ts';

export interface Refusal {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface Tokens {
  /** The answer that a request gets instead of being passed on; also what the token server says. */
  check(request: IncomingMessage, kind: RequestKind, host: string): Refusal | undefined;
  /** No token that was given holds any more. */
  revoke(): void;
}

interface Token {
  scopes: string[];
  left: number;
}

const writes: readonly RequestKind[] = [
  ...(['mount', 'manifest-put', 'upload-begin', 'upload-progress'] as const),
  ...(['upload-chunk', 'upload-end', 'upload-cancel'] as const),
];

/** @param mark stands in every token */
export function createTokens(
  auth: 'none' | 'basic' | { tokenUses: number },
  login: { username: string; password: string },
  mark: string,
): Tokens {
  const tokens = new Map<string, Token>();
  const json = { 'content-type': 'application/json' };
  const basic = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
  let count = 0;

  const unauthorized = (challenge: string): Refusal => ({
    status: 401,
    headers: { ...json, 'www-authenticate': challenge },
    body: '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}',
  });

  function give(request: IncomingMessage, uses: number): Refusal {
    if (request.headers.authorization !== basic) return unauthorized('Basic realm="tokens"');
    const query = new URL(request.url!, 'http://token').searchParams;
    const token = `${mark}-token-${count++}`;
    tokens.set(token, { scopes: query.getAll('scope').flatMap((one) => one.split(' ')), left: uses });
    return { status: 200, headers: json, body: JSON.stringify({ token, expires_in: 300 }) };
  }

  function checkToken(request: IncomingMessage, kind: RequestKind, host: string): Refusal | undefined {
    const [, name = ''] = /^\/v2\/(.+)\/(manifests|blobs|tags)\//.exec(request.url!) ?? [];
    const actions = writes.includes(kind) ? ['pull', 'push'] : ['pull'];
    const [, bearer = ''] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    const token = tokens.get(bearer);
    const allows = (action: string): boolean =>
      token!.scopes.some((scope) => {
        const [type, repository, list = ''] = scope.split(':');
        return type === 'repository' && repository === name && list.split(',').includes(action);
      });
    if (token && token.left > 0 && actions.every(allows)) {
      token.left--;
      return undefined;
    }
    const scope = `repository:${name}:${actions.join(',')}`;
    return unauthorized(`Bearer realm="http://${host}/token",service="${host}",scope="${scope}"`);
  }

  return {
    check(request, kind, host) {
      if (auth === 'none') return undefined;
      if (auth !== 'basic')
        return kind === 'token' ? give(request, auth.tokenUses) : checkToken(request, kind, host);
      return request.headers.authorization === basic ? undefined : unauthorized('Basic realm="registry"');
    },
    revoke: () => tokens.clear(),
  };
}
