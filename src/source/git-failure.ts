// What git's complaints mean to a user.
import { SlipwayError } from '../errors.ts';
import { GitFailure } from './git-command.ts';
import type { GitRemote } from './git-remote.ts';

/** A failure to reach or read a repository; what is no failure of git passes as it is. */
export function gitError(error: unknown, remote: GitRemote): unknown {
  if (!(error instanceof GitFailure)) return error;
  const { stderr } = error;
  const words = cleanWords(stderr);
  if (
    /could not read Username|Authentication failed|HTTP 40[13]|error: 40[13]|Permission denied \(/i.test(
      stderr,
    )
  ) {
    return new SlipwayError('ERR_UNAUTHORIZED', `${remote.shown} refuses access: ${words}`, {
      hint: /^https?:/i.test(remote.url)
        ? `give a token with --secret id=GIT_AUTH_TOKEN.${remote.host},env=NAME`
        : 'is the key known to the SSH agent?',
    });
  }
  if (/Host key verification failed/.test(stderr)) {
    return new SlipwayError('ERR_NETWORK', `the key of host ${remote.host} is not known`, {
      hint: `ssh-keyscan ${remote.host} >> ~/.ssh/known_hosts, once its fingerprint is checked`,
    });
  }
  if (/not found|does not appear to be a git repository|does not exist/i.test(stderr)) {
    return new SlipwayError(
      'ERR_SOURCE_NOT_FOUND',
      `there is no Git repository at ${remote.shown}: ${words}`,
      {
        hint: 'check the address; a private repository needs a token or a key',
      },
    );
  }
  return new SlipwayError('ERR_NETWORK', `can't read the Git repository ${remote.shown}: ${words}`, {
    hint: 'is the address right, and is there a network?',
  });
}

/** One short line, without logins and control characters. */
function cleanWords(text: string): string {
  const lines = text.split('\n').filter((line) => /^(fatal|error|remote|ssh)/i.test(line));
  return (lines.length > 0 ? lines : text.split('\n'))
    .join(' ')
    .replace(/:\/\/[^/@\s]*@/g, '://')
    .replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .slice(0, 300)
    .trim();
}
