import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseMount } from '../../src/dockerfile/mount.ts';
import type { MountSpec } from '../../src/dockerfile/mount-spec.ts';
import { throws } from './throws.ts';

const test = suite('mount');
const expand = (text: string) => text.replaceAll('$X', 'x').replaceAll("'", '');
const owned = { uid: 0, gid: 0 };
const cache = {
  type: 'cache',
  readOnly: false,
  sharing: 'shared',
  from: undefined,
  source: '/',
  mode: 0o755,
  ...owned,
};

const cases: [string, unknown][] = [
  ['target=/x', { type: 'bind', from: undefined, source: '/', target: '/x', readOnly: true }],
  [
    'TYPE=BIND,src=a/../b,dst=x,rw,from=s',
    { type: 'bind', from: 's', source: '/b', target: 'x', readOnly: false },
  ],
  [
    'type=bind,target=/x,rw=false',
    { type: 'bind', from: undefined, source: '/', target: '/x', readOnly: true },
  ],
  [
    'type=bind,target=/x,ro,rw',
    { type: 'bind', from: undefined, source: '/', target: '/x', readOnly: false },
  ],
  ['type=tmpfs,target=/x,rw,ro', { type: 'tmpfs', target: '/x', readOnly: true, size: 0 }],
  ['type=cache,target=/a/../c/', { ...cache, id: '/c', target: '/a/../c/' }],
  [
    'type=cache,id=$X,target=/c,sharing=LOCKED,mode=01777,uid=7,gid=8,ro',
    { ...cache, id: 'x', target: '/c', sharing: 'locked', mode: 0o1777, uid: 7, gid: 8, readOnly: true },
  ],
  ['type=tmpfs,target=/t', { type: 'tmpfs', target: '/t', readOnly: false, size: 0 }],
  ['type=tmpfs,target=/t,size=1.5m', { type: 'tmpfs', target: '/t', readOnly: false, size: 1572864 }],
  [
    'type=secret,id=a/b',
    {
      type: 'secret',
      id: 'a/b',
      target: '/run/secrets/b',
      env: undefined,
      required: false,
      mode: 0o400,
      ...owned,
    },
  ],
  [
    'required,type=secret,target=/r/tok',
    { type: 'secret', id: 'tok', target: '/r/tok', env: undefined, required: true, mode: 0o400, ...owned },
  ],
  [
    'type=secret,src=t,env=TOKEN',
    { type: 'secret', id: 't', target: undefined, env: 'TOKEN', required: false, mode: 0o400, ...owned },
  ],
  ['type=ssh', { type: 'ssh', id: 'default', target: undefined, required: false, mode: 0o600, ...owned }],
  ['"target=/a, ""b""",type=\'tmpfs\'', { type: 'tmpfs', target: '/a, "b"', readOnly: false, size: 0 }],
];
for (const [value, expected] of cases) {
  test(value, () => assert.equal(parseMount(value, expand), expected as MountSpec));
}

const faults: [string, RegExp][] = [
  ['type=volume,target=/x', /"volume".*'type'\nknown are bind, cache/],
  ['type=cahce,target=/x', /did you mean cache\?/],
  ['tpye=cache', /unexpected key 'tpye'.*\ndid you mean type\?/],
  ['type=bind,constructor=x', /unexpected key 'constructor'/],
  ['type=bind,target', /'target' needs a value/],
  ['type=bind,', /unexpected key ''/],
  ['', /no field/],
  ['type=bind,from=$X', /doesn't support variable expansion/],
  ['type=bind,mode=0755', /unexpected key 'mode' for mount type 'bind'\n.*type=cache and type=secret/],
  ['type=bind,sharing=shared', /unexpected key 'sharing'/],
  ['type=secret,from=x,id=a', /unexpected key 'from'/],
  ['type=secret', /needs an id/],
  ['type=secret,id=a,source=b', /not both/],
  ['type=cache,target=/x,mode=999', /"999".*'mode'/],
  ['type=cache,target=/x,uid=root', /"root".*'uid'/],
  ['type=cache,target=/x,sharing=share', /did you mean shared\?/],
  ['type=tmpfs,target=/x,size=big', /invalid size "big"/],
  ['type=bind,ro=maybe', /"maybe".*'readonly'/],
  ['"type=bind', /not closed/],
  ['"type=bind"x', /behind a quote/],
  ['type="bind"', /inside a field/],
];
for (const [value, says] of faults)
  test(`refuses ${value}`, () => {
    throws(() => parseMount(value, expand), 'ERR_SYNTAX', says);
  });

test.run();
