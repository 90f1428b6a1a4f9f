// The SSH agents of a build: what --ssh names, looked at before the first step runs and served where a step asks.
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { BuildRequest, SshSource } from '../build-request.ts';
import { SlipwayError, systemCode } from '../errors.ts';
import type { ExecSettings } from '../ops/environment.ts';
import type { Agent } from '../ssh/agent.ts';

/** No real key comes near it. */
const sizeLimit = 100 * 1024;

type SshRequest = Pick<BuildRequest, 'ssh' | 'cwd' | 'env'>;

function pathsOf({ id, paths }: SshSource, request: SshRequest): string[] {
  if (paths.length > 0) return paths.map((path) => resolve(request.cwd, path));
  const path = request.env['SSH_AUTH_SOCK'];
  if (path) return [path];
  throw new SlipwayError('ERR_USAGE', `--ssh ${id}: there is no SSH agent: SSH_AUTH_SOCK is not set`, {
    hint: `start one (eval "$(ssh-agent)"; ssh-add), or give a key: --ssh ${id}=KEYFILE`,
  });
}

function statOf(path: string, id: string): { socket: boolean } {
  const hint = 'give the socket of an agent, or private keys without a passphrase: --ssh ID=PATH[,PATH]';
  let stat: ReturnType<typeof statSync>;
  try {
    stat = statSync(path);
  } catch (cause) {
    const why = systemCode(cause) === 'ENOENT' ? 'not found' : "can't be read";
    throw new SlipwayError('ERR_CONTEXT', `--ssh ${id}: ${path} ${why}`, { cause, hint });
  }
  if (stat.isSocket() || (stat.isFile() && stat.size <= sizeLimit)) return { socket: stat.isSocket() };
  throw new SlipwayError('ERR_CONTEXT', `--ssh ${id}: ${path} is neither a socket nor a key`, { hint });
}

async function makeAgent(source: SshSource, request: SshRequest): Promise<Agent> {
  const { createForwardedAgent, createKeyAgent } = await import('../ssh/agent.ts');
  const files = pathsOf(source, request).map((path) => ({ path, ...statOf(path, source.id) }));
  const [first] = files;
  if (first?.socket && files.length === 1) return createForwardedAgent(first.path);
  if (files.some(({ socket }) => socket)) {
    throw new SlipwayError('ERR_USAGE', `--ssh ${source.id}: a socket stands alone`, {
      hint: 'give one socket, or any number of keys, for an id',
    });
  }
  const { parseAgentKey } = await import('../ssh/agent-key.ts');
  return createKeyAgent(
    files.map(({ path }) => {
      let text: string;
      try {
        text = readFileSync(path, 'utf8');
      } catch (cause) {
        throw new SlipwayError('ERR_CONTEXT', `--ssh ${source.id}: ${path} can't be read`, {
          hint: 'paths start from the current folder; a key has to be readable to you',
          cause,
        });
      }
      return parseAgentKey(text, `--ssh ${source.id}: ${path}`);
    }),
  );
}

/** @throws ERR_CONTEXT, ERR_USAGE for agents and keys that are not there or can't be used. */
export async function createAgents(request: SshRequest): Promise<ExecSettings['agent']> {
  const agents = new Map<string, Agent>();
  for (const source of request.ssh) agents.set(source.id, await makeAgent(source, request));
  return async (id, socket) => {
    const agent = agents.get(id);
    if (agent === undefined) return undefined;
    const { serveAgent } = await import('../ssh/serve-agent.ts');
    return serveAgent(agent, socket);
  };
}
