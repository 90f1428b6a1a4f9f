// Failures before or in the middle of an answer: which are worth another attempt, and how each is told to the user.
import { SlipwayError, systemCode } from '../errors.ts';
import { isLoopback } from './origin.ts';
import { redactUrl } from './redact.ts';

const certificateCodes = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_UNTRUSTED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** What comes of speaking TLS to somebody who does not. */
const plainCodes = new Set(['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG']);

/** A proxy that hangs up, wants credentials, or refuses to connect; an abort by the caller never gets here. */
const proxyCodes = new Set(['ERR_PROXY', 'UND_ERR_INVALID_ARG', 'UND_ERR_ABORTED']);

/** A connection that failed. */
export class NetworkError extends SlipwayError {
  /** Whether the same request may succeed a moment later. */
  readonly transient: boolean;

  constructor(message: string, details: { hint: string; cause: unknown; transient: boolean }) {
    super('ERR_NETWORK', message, details);
    this.transient = details.transient;
  }
}

/** The code of an error or of what caused it: connection attempts to several addresses fail as one error. */
function codeOf(error: unknown): string {
  const inner = (error as { errors?: unknown[]; cause?: unknown } | null) ?? {};
  return systemCode(error) ?? systemCode(inner.cause) ?? systemCode(inner.errors?.[0]) ?? '';
}

function isCertificateError(error: unknown): boolean {
  return certificateCodes.has(codeOf(error));
}

/** Something of TLS went wrong, with somebody who speaks it. */
function isTlsFailure(error: unknown): boolean {
  const code = codeOf(error);
  return isCertificateError(error) || (code.startsWith('ERR_SSL_') && !plainCodes.has(code));
}

/** What is tried with TLS and fails so was never meant for it. */
export function isPlainFailure(error: unknown): boolean {
  const code = codeOf(error);
  return plainCodes.has(code) || code === 'ECONNREFUSED';
}

/** A connection that stood, and on which nothing came. */
export function isTimeout(error: unknown): boolean {
  return codeOf(error) === 'UND_ERR_HEADERS_TIMEOUT';
}

/** Whether the same request may succeed a moment later. */
export function isTransient(error: unknown, host: string): boolean {
  if (error instanceof SlipwayError) return false;
  const code = codeOf(error);
  // Without a code it is a bug, and not the network.
  if (code === '' || code === 'ENOTFOUND' || proxyCodes.has(code) || isTlsFailure(error)) return false;
  // Nothing listens: a service on this machine is there or it is not, one behind a network may be restarting.
  if (code === 'ECONNREFUSED') return !isLoopback(host);
  return true;
}

function explain(code: string, host: string): [what: string, hint: string] {
  switch (code) {
    case 'ECONNREFUSED':
      return [
        'the connection was refused',
        `check that a registry listens at ${host}, and the port in its name`,
      ];
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return [
        'its name could not be looked up',
        `check the spelling of ${host}, the network, and this machine's DNS settings`,
      ];
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return ['there is no route to it', 'check the network, and whether a proxy (HTTPS_PROXY) is needed'];
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return ['connecting took too long', 'check the network, and whether a proxy (HTTPS_PROXY) is needed'];
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return ['it stopped answering', 'try again later'];
    case 'ERR_TOO_SLOW':
      return ['it answers too slowly', 'try again later'];
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return ['it does not speak TLS', `if ${host} speaks plain http, say so with --insecure ${host}`];
    default:
      if (proxyCodes.has(code))
        return ['the proxy did not let the request through', 'check the proxy and its credentials'];
      if (certificateCodes.has(code))
        return [
          `its certificate is not trusted (${code})`,
          `name a file with the certificate authority of ${host}: --registry-certificate ${host}=PATH, or NODE_EXTRA_CA_CERTS`,
        ];
      if (/^ERR_SSL_.*ALERT/.test(code))
        return [
          `it refused the connection's encryption (${code})`,
          `it may want a client certificate: --registry-client-cert ${host}=CERT,KEY`,
        ];
      return [`the connection failed (${code})`, 'check the network and the proxy settings, and try again'];
  }
}

/** What the user sees of a connection that failed for good; what is no failure of one passes as it is. */
export function networkError(error: unknown, url: URL, proxy: URL | undefined): unknown {
  const code = codeOf(error);
  if (error instanceof SlipwayError || code === '') return error;
  const [what, hint] = explain(code, url.host);
  const through = proxy ? `; it is reached through the proxy ${redactUrl(proxy)}` : '';
  return new NetworkError(`can't reach ${url.host}: ${what}`, {
    hint: `${hint}${through}`,
    cause: error,
    transient: isTransient(error, url.host),
  });
}
