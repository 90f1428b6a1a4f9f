// Logging in to registries: Basic, and bearer tokens from a token server (distribution's token and OAuth 2 specs).
import { SlipwayError } from '../errors.ts';
import { untilAborted } from '../fs/until-aborted.ts';
import { traced } from '../trace.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import type { Credential, Credentials } from './credentials.ts';
import { failureWords, loginHint } from './failure.ts';
import { type Access, accessKey, createGrants, type Grant, includesAccess } from './grants.ts';
import type { HttpAnswer, HttpHead, HttpRequest } from './http.ts';
import { isLoopback } from './origin.ts';
import { redactUrl } from './redact.ts';
import type { Transport } from './transport.ts';

export interface Authenticator {
  /**
   * The Authorization header to send at once: what an earlier answer gave, or, where the registry has said how it wants to be
   * asked, what that gives now. Undefined where nothing is known that helps.
   */
  header(access: Access, signal: AbortSignal): Promise<string | undefined>;
  /**
   * Answers a 401 to a request with the header `refused`: the header for the next attempt.
   * @throws ERR_UNAUTHORIZED where nothing that is known helps; ERR_REGISTRY for challenges that make no sense.
   */
  answer(
    head: HttpHead,
    access: Access,
    given: { refused: string | undefined; signal: AbortSignal },
  ): Promise<string>;
}

export interface AuthenticatorOptions {
  transport: Transport;
  credentials: Credentials;
  /** Milliseconds since 1970. */
  now(): number;
}

const tokenLimit = 1 << 20;
const clientId = 'slipway';

function basic(credential: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${credential.username}:${credential.password}`).toString('base64')}`;
}

/** Where to get a token. A registry behind TLS must not make the password travel in the clear. */
function realmOf(challenge: Challenge, head: HttpHead, access: Access): URL {
  const realm = challenge.parameters['realm'] ?? '';
  const url = realm !== '' && URL.canParse(realm, head.url.href) ? new URL(realm, head.url.href) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    throw new SlipwayError('ERR_REGISTRY', `${access.registry} asks for a token but names no token server`);
  }
  if (url.protocol === 'http:' && head.url.protocol === 'https:' && !isLoopback(url.hostname)) {
    throw new SlipwayError(
      'ERR_UNAUTHORIZED',
      `${access.registry} asks to log in without encryption, at ${redactUrl(url)}`,
      { hint: 'nothing was sent there; the registry should name a token server that speaks https' },
    );
  }
  return url;
}

function tokenRequest(realm: URL, form: URLSearchParams, credential: Credential | undefined): HttpRequest {
  if (credential?.type === 'token') {
    form.set('grant_type', 'refresh_token');
    form.set('refresh_token', credential.identityToken);
    form.set('client_id', clientId);
    const scopes = form.getAll('scope');
    if (scopes.length > 0) form.set('scope', scopes.join(' '));
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return { method: 'POST', target: realm, headers, body: form.toString(), stays: true };
  }
  const url = new URL(realm);
  if (credential) form.set('account', credential.username);
  for (const [name, value] of form) url.searchParams.append(name, value);
  const headers: Record<string, string> = credential ? { authorization: basic(credential) } : {};
  return { method: 'GET', target: url, headers };
}

interface TokenAnswer {
  token?: unknown;
  access_token?: unknown;
  expires_in?: unknown;
}

function parseToken(bytes: Buffer): TokenAnswer {
  try {
    return (JSON.parse(bytes.toString('utf8')) as TokenAnswer | null) ?? {};
  } catch {
    return {};
  }
}

/** @throws ERR_REGISTRY where the token server's answer holds no token. */
function grantOf(answer: HttpAnswer, realm: URL, now: number): Grant {
  const body = parseToken(answer.bytes);
  const token = body.token || body.access_token;
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token))
    throw new SlipwayError('ERR_REGISTRY', `the token server ${redactUrl(realm)} answered without a token`);
  const given = body.expires_in;
  const seconds = typeof given === 'number' && given > 0 ? given : 60;
  // Counted by this machine's clock from now on; a tenth, at most 30 s, is kept back for the way there.
  return { header: `Bearer ${token}`, expires: now + Math.max(seconds * 0.9, seconds - 30) * 1000 };
}

export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { transport, credentials, now } = options;
  const grants = createGrants(now);
  /** How a registry has asked for a login. */
  const challenges = new Map<string, HttpHead>();
  /** What is being asked for now, by its key. */
  const asked = new Map<string, { access: Access; header: Promise<string> }>();

  async function bearer(challenge: Challenge, head: HttpHead, access: Access, signal: AbortSignal) {
    const realm = realmOf(challenge, head, access);
    const found = await credentials.lookup(access.registry, access.repository, signal);
    const form = new URLSearchParams();
    const { service, scope } = challenge.parameters;
    if (service) form.set('service', service);
    const scopes = new Set([...access.scopes, ...(scope ?? '').split(' ').filter(Boolean)]);
    for (const name of scopes) form.append('scope', name);
    const request = tokenRequest(realm, form, found?.credential);
    const answer = await traced(
      'registry',
      'get a token',
      () => transport.read(request, tokenLimit, signal),
      {
        host: realm.host,
        scopes: [...scopes].join(' '),
      },
    );
    if (answer.status === 200) return grantOf(answer, realm, now());
    const { text } = failureWords(answer);
    const said = text ? `: ${text}` : '';
    if (answer.status !== 400 && answer.status !== 401 && answer.status !== 403) {
      throw new SlipwayError(
        'ERR_REGISTRY',
        `the token server ${redactUrl(realm)} answered ${answer.status}${said}`,
      );
    }
    const who = found ? ` with the credentials from ${found.source}` : '';
    throw new SlipwayError('ERR_UNAUTHORIZED', `${access.registry} gives no access${who}${said}`, {
      hint: loginHint(access.registry),
    });
  }

  async function grant(head: HttpHead, access: Access, signal: AbortSignal): Promise<Grant> {
    const challenges = parseChallenges(head.headers['www-authenticate'] ?? '');
    const token = challenges.find(({ scheme }) => scheme === 'bearer');
    if (token) return bearer(token, head, access, signal);
    if (!challenges.some(({ scheme }) => scheme === 'basic')) {
      const names = challenges.map(({ scheme }) => scheme).join(', ') || 'none';
      throw new SlipwayError(
        'ERR_UNAUTHORIZED',
        `${access.registry} wants a login in a way that is not supported (${names})`,
        { hint: 'Basic and Bearer are supported' },
      );
    }
    const found = await credentials.lookup(access.registry, access.repository, signal);
    if (found?.credential.type !== 'password') {
      throw new SlipwayError('ERR_UNAUTHORIZED', `${access.registry} wants a name and a password`, {
        hint: loginHint(access.registry),
      });
    }
    return { header: basic(found.credential), expires: Number.POSITIVE_INFINITY };
  }

  /** Many requests that begin at once ask once. */
  function ask(head: HttpHead, access: Access, signal: AbortSignal): Promise<string> {
    const key = accessKey(access);
    const running = asked.get(key) ?? [...asked.values()].find((one) => includesAccess(one.access, access));
    if (running) {
      return untilAborted(running.header, signal).catch((error: unknown) => {
        const isAbort = !(error instanceof SlipwayError) || error.code === 'ERR_ABORTED';
        // Whoever asked first was aborted, and this one was not; or more was asked for than this one needs.
        if ((isAbort || accessKey(running.access) !== key) && !signal.aborted)
          return ask(head, access, signal);
        throw error;
      });
    }
    const own = grant(head, access, signal).then((fresh) => {
      grants.add(access, fresh);
      return fresh.header;
    });
    asked.set(key, { access, header: own });
    const forget = (): void => void asked.delete(key);
    own.then(forget, forget);
    return own;
  }

  return {
    async header(access, signal) {
      const known = grants.find(access);
      const challenge = challenges.get(access.registry);
      if (known !== undefined || challenge === undefined) return known;
      try {
        return await ask(challenge, access, signal);
      } catch (error) {
        signal.throwIfAborted();
        // The request itself says better what is not allowed.
        if (error instanceof SlipwayError && error.code === 'ERR_UNAUTHORIZED') return undefined;
        throw error;
      }
    },
    async answer(head, access, { refused, signal }) {
      if (refused !== undefined) grants.drop(access.registry, refused);
      const other = grants.find(access);
      if (other !== undefined) return other;
      const header = await ask(head, access, signal);
      challenges.set(access.registry, head);
      return header;
    },
  };
}
