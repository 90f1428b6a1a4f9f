// The flags of `slipway lsp`; those that clients pass by custom are called as there.
import type { Flag } from '../arguments.ts';

const groups = { client: 'The client', texts: 'How texts are linted' } as const;

export const lspFlags = [
  {
    name: 'stdio',
    type: 'boolean',
    group: groups.client,
    help: 'over standard input and output: the only way there is, so this may be left out',
  },
  {
    name: 'clientProcessId',
    type: 'text',
    value: 'PID',
    group: groups.client,
    help: 'end when this process does; the one that the client names in its first request counts, too',
  },
  {
    name: 'config',
    short: 'c',
    type: 'text',
    value: 'FILE',
    group: groups.texts,
    help: 'a config file of hadolint, or a slipway.yaml, in the place of those that are found; a relative path starts from the folder of the workspace',
  },
  {
    name: 'no-base-images',
    type: 'boolean',
    group: groups.texts,
    help: 'look at no base image: what the local store knows of them counts otherwise',
  },
  {
    name: 'no-history',
    type: 'boolean',
    group: groups.texts,
    help: 'ask no earlier build how long its steps took: SW013 is silent then',
  },
  {
    name: 'root',
    type: 'text',
    value: 'DIR',
    group: groups.texts,
    help: 'the state folder with these images and builds',
  },
  { name: 'help', short: 'h', type: 'boolean', group: groups.client, help: 'this text' },
] as const satisfies readonly Flag[];
