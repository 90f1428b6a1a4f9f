// What a request logs in with: servers quote it in their words, and these are shown.
import type { HttpRequest } from './http.ts';

/** Shorter ones are in any text. */
const shortest = 4;

/** The header's credentials, the password in it, and a refresh token in the form that is posted. */
export function sentSecrets({ headers = {}, body }: Pick<HttpRequest, 'headers' | 'body'>): string[] {
  const [scheme = '', credentials = ''] = (headers['authorization'] ?? '').split(' ');
  const user = /^basic$/i.test(scheme) ? Buffer.from(credentials, 'base64').toString() : '';
  const isForm = headers['content-type'] === 'application/x-www-form-urlencoded' && typeof body === 'string';
  const refresh = isForm ? (new URLSearchParams(body).get('refresh_token') ?? '') : '';
  const all = [credentials, user.slice(user.indexOf(':') + 1), refresh].filter(
    ({ length }) => length >= shortest,
  );
  return [...new Set(all.flatMap((one) => [one, encodeURIComponent(one)]))].sort(
    (a, b) => b.length - a.length,
  );
}

export function withoutSent(text: string, sent: readonly string[] = []): string {
  return sent.reduce((shown, one) => shown.replaceAll(one, '***'), text);
}
