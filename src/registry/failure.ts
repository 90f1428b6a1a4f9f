// Answers that say no: the registry's own words out of an error body, and the error that the user sees.
import { STATUS_CODES } from 'node:http';
import { type ErrorCode, SlipwayError } from '../errors.ts';
import { type HttpAnswer, headerOf } from './http.ts';
import { cleanText, redactUrl } from './redact.ts';
import { withoutSent } from './sent-secrets.ts';

export interface FailureWords {
  /** `MANIFEST_UNKNOWN`, `DENIED`, …; empty where the body is none of a registry's. */
  codes: string[];
  /** One line; '' where nothing useful was said. */
  text: string;
}

/** Reads the distribution spec's `{ errors: [{ code, message }] }`, what token servers send, and plain text. */
export function failureWords(answer: HttpAnswer): FailureWords {
  const shown = (said: string): string => cleanText(withoutSent(said, answer.sent));
  const stringOf = (value: unknown): string => (typeof value === 'string' ? shown(value) : '');
  const text = answer.bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const type = headerOf(answer, 'content-type') ?? '';
    if (/html/i.test(type) || /^\s*</.test(text)) return { codes: [], text: 'with a web page' };
    return { codes: [], text: shown(text.split('\n', 1)[0] ?? '') };
  }
  const object = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const list = Array.isArray(object['errors']) ? object['errors'].slice(0, 3) : [];
  const errors = list.map((entry: unknown) => {
    const { code, message } = (entry ?? {}) as { code?: unknown; message?: unknown };
    return { code: stringOf(code), message: stringOf(message) };
  });
  if (errors.length === 0) {
    const details = ['details', 'error_description', 'message', 'error'].map((key) => stringOf(object[key]));
    return { codes: [], text: details.find(Boolean) ?? '' };
  }
  return {
    codes: errors.map(({ code }) => code).filter(Boolean),
    text: errors.map(({ code, message }) => [code, message].filter(Boolean).join(': ')).join('; '),
  };
}

/** How to log in to a registry. */
export function loginHint(registry: string): string {
  return `log in with "slipway login ${registry}" or "docker login ${registry}", and check that the account may read it`;
}

export interface Subject {
  registry: string;
  /** What was asked for: `the manifest of docker.io/library/busybox:latest`. */
  what: string;
  /** The code where the answer is 404. */
  absent: ErrorCode;
  /** The repository, where something is to be written to it. */
  pushTo?: string;
}

/** A tag stands for another image, and the registry does not let it be moved. */
export class ImmutableTagError extends SlipwayError {}

/** Registries have no code of their own for it. */
function isImmutable({ status }: HttpAnswer, { codes, text }: FailureWords): boolean {
  if (![400, 403, 405, 409, 412].includes(status)) return false;
  return (
    /\bimmutab|cannot be overwritten/i.test(text) || codes.some((code) => /TAG_?ALREADY_?EXISTS/i.test(code))
  );
}

/** Why a repository takes nothing. */
function pushFailure(answer: HttpAnswer, subject: Subject & { pushTo: string }): SlipwayError | undefined {
  const { registry, pushTo } = subject;
  const { status } = answer;
  const words = failureWords(answer);
  const said = words.text ? `: ${words.text}` : '';
  if (isImmutable(answer, words)) {
    return new ImmutableTagError(
      'ERR_REGISTRY',
      `${registry} does not let ${subject.what} be replaced${said}`,
      {
        hint: 'push under another tag; --push-ignore-immutable-tag-errors leaves the tag as it is without failing',
      },
    );
  }
  if (status === 401 || status === 403) {
    return new SlipwayError('ERR_UNAUTHORIZED', `${registry} does not let you push to ${pushTo}${said}`, {
      hint: `log in with "slipway login ${registry}" or "docker login ${registry}", as somebody who may write to ${pushTo}`,
    });
  }
  if (status === 404) {
    return new SlipwayError('ERR_REGISTRY', `${registry} has no repository ${pushTo} to push to${said}`, {
      hint: 'check its name; some registries want a repository, or the project it is in, to be made first',
    });
  }
  if (status === 405) {
    return new SlipwayError('ERR_REGISTRY', `${registry} takes no images${said}`, {
      hint: 'it may be a mirror, or set to be read only: push to another registry',
    });
  }
  return undefined;
}

/** The error for an answer that is no success. */
export function failure(answer: HttpAnswer, subject: Subject): SlipwayError {
  const { status } = answer;
  const words = failureWords(answer);
  const said = words.text ? `: ${words.text}` : '';
  const { pushTo } = subject;
  const refused = pushTo === undefined ? undefined : pushFailure(answer, { ...subject, pushTo });
  if (refused && !answer.foreign) return refused;
  if ((status === 401 || status === 403) && !answer.foreign) {
    return new SlipwayError('ERR_UNAUTHORIZED', `${subject.registry} does not give ${subject.what}${said}`, {
      hint: `it may not exist, or be private: ${loginHint(subject.registry)}`,
    });
  }
  if (status === 404 && !answer.foreign) {
    return new SlipwayError(subject.absent, `${subject.registry} does not have ${subject.what}${said}`, {
      hint: words.codes.includes('NAME_UNKNOWN')
        ? 'check the name of the repository'
        : 'check the name and the tag; a private image needs a login',
    });
  }
  const name = STATUS_CODES[status] ? ` ${STATUS_CODES[status]}` : '';
  const hint =
    status === 429
      ? `the registry limits how much is pulled: wait, or log in with "slipway login ${subject.registry}"`
      : status >= 500
        ? 'the registry is at fault; try again later'
        : undefined;
  return new SlipwayError(
    'ERR_REGISTRY',
    `${subject.registry} answered ${status}${name} when ${pushTo === undefined ? 'asked for' : 'sent'} ${subject.what} (${redactUrl(answer.url)})${said}`,
    { hint },
  );
}
