// Runs `docker-credential-NAME get|store|erase`: the server's name or a login on stdin, JSON on stdout.
import { spawn } from 'node:child_process';
import { SlipwayError, systemCode } from '../errors.ts';
import type { Credential } from './credentials.ts';
import { cleanText } from './redact.ts';

export interface HelperCall {
  /** `ecr-login` for docker-credential-ecr-login. */
  name: string;
  /** The registry as helpers know it. */
  server: string;
  env: Record<string, string | undefined>;
}

const outputLimit = 64 << 10;
/** What helpers write, with exit code 1, where they hold nothing; it is part of their protocol. */
const notFound = 'credentials not found in native keychain';

function helperError(call: HelperCall, why: string, cause?: unknown): SlipwayError {
  return new SlipwayError('ERR_UNAUTHORIZED', `docker-credential-${call.name} ${why}`, {
    hint: 'the Docker configuration names it in credsStore or credHelpers: install it on PATH, or remove it from there',
    cause,
  });
}

interface Request {
  action: 'get' | 'store' | 'erase';
  input: string;
}

async function run(
  call: HelperCall,
  request: Request,
  signal: AbortSignal,
): Promise<{ code: number | null; output: string }> {
  const { env } = call;
  return new Promise((resolve, reject) => {
    const stdio: ['pipe', 'pipe', 'ignore'] = ['pipe', 'pipe', 'ignore'];
    const child = spawn(`docker-credential-${call.name}`, [request.action], { env, stdio, signal });
    let output = '';
    child.on('error', (error) => {
      if (signal.aborted) return reject(signal.reason);
      const missing = systemCode(error) === 'ENOENT';
      reject(helperError(call, missing ? 'is not on PATH' : "can't be started", error));
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(0, outputLimit);
    });
    child.on('close', (code) => resolve({ code, output }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(request.input);
  });
}

/** What a helper writes; undefined where it holds nothing. */
async function ask(call: HelperCall, request: Request, signal: AbortSignal): Promise<string | undefined> {
  if (!/^[A-Za-z0-9][\w.-]*$/.test(call.name))
    throw helperError({ ...call, name: JSON.stringify(call.name) }, 'is no name of a credential helper');
  const { code, output } = await run(call, request, signal);
  if (code === 0) return output;
  if (output.trim() === notFound) return undefined;
  throw helperError(call, `failed for ${call.server}: ${cleanText(output) || `exit code ${code}`}`);
}

/** Has a helper keep or forget a login: whether it knew the server. @throws ERR_UNAUTHORIZED */
export async function callHelper(call: HelperCall, request: Request, signal: AbortSignal): Promise<boolean> {
  return (await ask(call, request, signal)) !== undefined;
}

/**
 * The credential that a helper holds for a server; undefined for none.
 * @throws ERR_UNAUTHORIZED where the helper is missing or fails.
 */
export async function askHelper(call: HelperCall, signal: AbortSignal): Promise<Credential | undefined> {
  const output = await ask(call, { action: 'get', input: `${call.server}\n` }, signal);
  if (output === undefined) return undefined;
  let answer: { Username?: unknown; Secret?: unknown } | null;
  try {
    answer = JSON.parse(output) as typeof answer;
  } catch {
    throw helperError(call, 'answered something that is not JSON');
  }
  const username = answer?.Username;
  const secret = answer?.Secret;
  if (typeof username !== 'string' || typeof secret !== 'string')
    throw helperError(call, 'answered without Username and Secret');
  if (secret === '') return undefined;
  return username === '<token>'
    ? { type: 'token', identityToken: secret }
    : { type: 'password', username, password: secret };
}
