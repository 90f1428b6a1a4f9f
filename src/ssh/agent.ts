// SSH agents that a step may ask: keys held in this process, or the user's own agent behind a filter. A step can list keys
// and have data signed; it can't add, remove or lock keys. Messages are those of the SSH agent protocol, without length.
import { connect } from 'node:net';
import type { AgentKey } from './agent-key.ts';
import { encodeMessage, readMessages } from './messages.ts';
import { createSshReader, sshString } from './wire.ts';

/** Answers one client, one request after the other. */
export interface Conversation {
  ask(request: Buffer): Promise<Buffer>;
  close(): void;
}

export type Agent = () => Conversation;

const listKeys = 11;
const keyList = 12;
const signData = 13;
const signed = 14;
const refused = Buffer.from([5]);

function answer(keys: readonly AgentKey[], request: Buffer): Buffer {
  if (request[0] === listKeys) {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(keys.length);
    const list = keys.flatMap(({ blob }) => [sshString(blob), sshString('')]);
    return Buffer.concat([Buffer.from([keyList]), count, ...list]);
  }
  if (request[0] !== signData) return refused;
  const reader = createSshReader(request.subarray(1));
  const blob = reader.bytes();
  const data = reader.bytes();
  const key = keys.find((each) => each.blob.equals(blob));
  if (key === undefined) return refused;
  return Buffer.concat([Buffer.from([signed]), sshString(key.sign(data, reader.uint32()))]);
}

export function createKeyAgent(keys: readonly AgentKey[]): Agent {
  return () => ({
    async ask(request) {
      try {
        return answer(keys, request);
      } catch {
        return refused;
      }
    },
    close() {},
  });
}

/** @param path the socket of an agent that runs. */
export function createForwardedAgent(path: string): Agent {
  return () => {
    const socket = connect(path);
    // Its loss shows when the next answer is read.
    socket.on('error', () => {});
    const answers = readMessages(socket)[Symbol.asyncIterator]();
    return {
      async ask(request) {
        if (request[0] !== listKeys && request[0] !== signData) return refused;
        socket.write(encodeMessage(request));
        try {
          const { value } = await answers.next();
          return value ?? refused;
        } catch {
          return refused;
        }
      },
      close: () => socket.destroy(),
    };
  };
}
