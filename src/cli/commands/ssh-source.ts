// The value of `--ssh`: an SSH agent or keys for RUN --mount=type=ssh.
import { SlipwayError } from '../../errors.ts';
import type { SshSource } from '../../index.ts';

/** Reads `default` and `ID[=PATH[,PATH…]]`. @throws ERR_USAGE, ERR_UNSUPPORTED */
function parseSsh(text: string): SshSource {
  const equals = text.indexOf('=');
  const id = equals < 0 ? text : text.slice(0, equals);
  const paths = equals < 0 ? [] : text.slice(equals + 1).split(',');
  if (paths.some((path) => path.startsWith('raw='))) {
    throw new SlipwayError('ERR_UNSUPPORTED', `--ssh ${id}: raw sockets are not supported`, {
      hint: 'give the socket of an SSH agent',
    });
  }
  if (id === '' || paths.includes('')) {
    throw new SlipwayError('ERR_USAGE', `--ssh: ${JSON.stringify(text)} is not written ID[=PATH,…]`, {
      hint: '--ssh default for the agent at $SSH_AUTH_SOCK, --ssh default=KEYFILE for a key',
    });
  }
  return { id, paths };
}

/** @throws ERR_USAGE for an id that is given twice. */
export function parseSshList(list: readonly string[]): SshSource[] {
  const sources = list.map(parseSsh);
  const twice = sources.find(({ id }, index) => sources.findIndex((other) => other.id === id) !== index);
  if (twice === undefined) return sources;
  throw new SlipwayError('ERR_USAGE', `--ssh: ${twice.id} is given twice`, {
    hint: `several keys of one id: --ssh ${twice.id}=KEY1,KEY2`,
  });
}
