import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ExecMount, ExecOp } from '../../src/graph/vertex.ts';
import type { ExecSettings } from '../../src/ops/environment.ts';
import { execKey } from '../../src/ops/exec-key.ts';
import { keyDigest } from '../../src/tree/key-tree.ts';

const test = suite('exec-key');
const op: ExecOp = {
  type: 'exec',
  argv: ['/bin/sh', '-c', 'make'],
  env: [
    ['PATH', '/bin'],
    ['A', '1'],
  ],
  proxyEnv: [],
  cwd: '/src',
  user: '',
  mounts: [],
  network: 'default',
  security: 'sandbox',
  script: undefined,
  platform: { os: 'linux', architecture: 'amd64' },
};
const settings: ExecSettings = {
  hostname: 'h',
  extraHosts: [],
  resolvConf: '',
  shmSize: undefined,
  ulimits: [],
  secret: async () => undefined,
  agent: async () => undefined,
};
const key = (change: Partial<ExecOp> = {}, set: Partial<ExecSettings> = {}, content?: string) =>
  keyDigest(execKey({ ...op, ...change }, { ...settings, ...set }, { root: 'r', content: () => content }));
const secret: ExecMount = {
  type: 'secret',
  id: 's',
  target: '/run/secrets/s',
  env: undefined,
  required: false,
  mode: 0o400,
  uid: 0,
  gid: 0,
};
const cache: ExecMount = {
  type: 'cache',
  target: '/cache',
  id: 'one',
  sharing: 'shared',
  readOnly: false,
  mode: 0o755,
  uid: 0,
  gid: 0,
  source: '/',
  input: undefined,
};
const bind: ExecMount = { type: 'bind', target: '/b', source: '/', input: 1, readOnly: true };

test('command, variables, folder, user, network, security and platform change it', () => {
  const changes: Partial<ExecOp>[] = [
    { argv: ['make'] },
    { argv: ['/bin/sh', '-c make'] },
    { env: [['PATH', '/bin']] },
    { env: [...op.env.slice(1), ['PATH', '/sbin']] },
    { cwd: '/' },
    { user: 'app' },
    { network: 'none' },
    { security: 'insecure' },
    { script: { name: 'EOF', data: '#!/bin/sh' } },
    { platform: { os: 'linux', architecture: 'arm64' } },
    { mounts: [bind] },
  ];
  assert.is(new Set([key(), ...changes.map((change) => key(change))]).size, changes.length + 1);
});

test('what mounts show, names of hosts, host name, limits and size of shared memory change it', () => {
  const keys = [
    key({ mounts: [bind] }, {}, 'one'),
    key({ mounts: [bind] }, {}, 'two'),
    key({ mounts: [{ ...bind, target: '/c' }] }, {}, 'one'),
    key({ mounts: [{ ...bind, readOnly: false }] }, {}, 'one'),
    key({}, { extraHosts: [{ name: 'db', ip: '10.0.0.1' }] }),
    key({}, { hostname: 'other' }),
    key({}, { ulimits: [{ name: 'nofile', soft: 1, hard: 2 }] }),
    key({}, { shmSize: 1 }),
  ];
  assert.is(new Set([key(), ...keys]).size, keys.length + 1);
});

test('the order of variables, proxies, addresses of hosts and a resolv.conf do not', () => {
  assert.is(key({ env: [...op.env].reverse() }), key());
  assert.is(key({ proxyEnv: [['http_proxy', 'p']] }), key());
  assert.is(key({}, { resolvConf: 'nameserver 1' }), key());
  assert.is(
    key({}, { extraHosts: [{ name: 'db', ip: '1' }] }),
    key({}, { extraHosts: [{ name: 'db', ip: '2' }] }),
  );
});

test("a cache mount's id, sharing and owner do not count, its target does", () => {
  const one = key({ mounts: [cache] });
  assert.is(key({ mounts: [{ ...cache, id: 'two', sharing: 'locked' }] }), one);
  assert.is.not(key({ mounts: [{ ...cache, target: '/other' }] }), one);
});

test("a secret counts by id and place; no part of the key holds a variable's value", () => {
  assert.is.not(key({ mounts: [secret] }), key({ mounts: [{ ...secret, id: 't' }] }));
  assert.is.not(key({ mounts: [secret] }), key({ mounts: [{ ...secret, env: 'S' }] }));
  const tree = execKey({ ...op, env: [['TOKEN', 'very secret']] }, settings, {
    root: 'r',
    content: () => undefined,
  });
  assert.not(JSON.stringify(tree).includes('very secret'));
});

test.run();
