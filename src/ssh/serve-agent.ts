// An agent at a socket of its own, for a step to find.
import { chmodSync, closeSync, constants, openSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { basename, dirname } from 'node:path';
import { SlipwayError } from '../errors.ts';
import { giveOwner } from '../fs/owner-mark.ts';
import type { Agent } from './agent.ts';
import { encodeMessage, readMessages } from './messages.ts';

export interface AgentSocket {
  /** Absolute; it may be longer than the address of a socket can be. Its folder is there and lets nobody else in. */
  path: string;
  uid: number;
  gid: number;
  mode: number;
}

async function converse(agent: Agent, socket: Socket): Promise<void> {
  const conversation = agent();
  try {
    for await (const request of readMessages(socket)) {
      socket.write(encodeMessage(await conversation.ask(request)));
    }
  } catch {
    // The client went away.
  } finally {
    conversation.close();
    socket.end();
  }
}

/** Serves until it is disposed of. @throws ERR_RUNTIME where the socket can't be made. */
export async function serveAgent(agent: Agent, at: AgentSocket): Promise<AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    void converse(agent, socket);
  });
  // The address of a socket is 107 bytes at most; by way of its folder's descriptor it is short.
  const folder = openSync(dirname(at.path), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(`/proc/self/fd/${folder}/${basename(at.path)}`, resolve);
    });
    giveOwner(at.path, at);
    chmodSync(at.path, at.mode);
  } catch (cause) {
    server.close();
    closeSync(folder);
    throw new SlipwayError('ERR_RUNTIME', `the socket of an SSH agent can't be made: ${at.path}`, { cause });
  }
  return {
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
      closeSync(folder);
    },
  };
}
