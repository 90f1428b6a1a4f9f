import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { throws } from '../dockerfile/throws.ts';
import { historyOf, lastRun, type PlanRequest, planned } from './plan-setup.ts';

const test = suite('variables');
const env = (text: string, request: PlanRequest = {}) => lastRun(planned(`${text}\nRUN x`, request)).env;
const imageEnv = (text: string, request: PlanRequest = {}) => planned(text, request).target.config.Env;

test('ENV reaches the steps behind it and the image; ARG the steps alone', () => {
  const text = 'FROM a\nENV E=1\nARG A=2';
  assert.equal(env(text), { PATH: '/bin', E: '1', A: '2' });
  assert.equal(imageEnv(text), ['PATH=/bin', 'E=1']);
  assert.is(lastRun(planned('FROM a\nRUN x\nENV E=1')).env['E'], undefined);
});

test('the command line goes before the default of an ARG, and sets only what is declared', () => {
  const buildArgs = { A: 'given', B: 'given' };
  assert.equal(env('FROM a\nARG A=own', { buildArgs }), { PATH: '/bin', A: 'given' });
});

test('an ARG without default or value is not set; one that is given empty is', () => {
  assert.equal(env('FROM a\nARG A'), { PATH: '/bin' });
  assert.equal(env('FROM a\nARG A=x', { buildArgs: { A: '' } }), { PATH: '/bin', A: '' });
});

test('the name of an ARG is taken as it is written, quotes and variables too', () => {
  assert.equal(env('FROM a\nENV N=A\nARG $N=1 "B"=2', { buildArgs: { A: 'x', B: 'y' } }), {
    ...{ PATH: '/bin', N: 'A' },
    ...{ $N: '1', '"B"': '2' },
  });
});

test('a global ARG reaches a stage that declares it, with its value; an own default goes before it', () => {
  assert.is(env('ARG G=1\nFROM a')['G'], undefined);
  assert.is(env('ARG G=1\nFROM a\nARG G')['G'], '1');
  assert.is(env('ARG G=1\nFROM a\nARG G=2')['G'], '2');
  assert.is(env('FROM a\nARG TARGETARCH')['TARGETARCH'], 'amd64');
});

test('ARG after ENV of the same name wins in the steps, whoever set it; the image keeps the ENV', () => {
  assert.is(env('FROM a\nENV X=env\nARG X=arg')['X'], 'arg');
  assert.is(env('FROM a AS p\nENV X=env\nFROM p\nARG X=arg')['X'], 'arg');
  const bases = { 'docker.io/library/a:latest': { Env: ['X=base'] } };
  assert.is(env('FROM a\nARG X=arg', { bases })['X'], 'arg');
  assert.equal(imageEnv('FROM a\nENV X=env\nARG X=arg'), ['PATH=/bin', 'X=env']);
});

test('ENV after ARG of the same name wins, and may be made of it', () => {
  assert.is(env(`FROM a\nARG X=arg\nENV X=\${X}-env`)['X'], 'arg-env');
});

test('an ARG without a value leaves an ENV alone', () => {
  assert.is(env('FROM a\nENV X=env\nARG X')['X'], 'env');
});

test('ENV sees what was before its line, ARG what stands before it on the line', () => {
  assert.is(env('FROM a\nENV A=1\nENV A=2 B=$A')['B'], '1');
  assert.is(env('FROM a\nARG A=1 B=$A')['B'], '1');
});

test('a stage on a stage has its variables, ARGs too; a copy from one has not', () => {
  const text = 'FROM a AS p\nENV E=1\nARG A=2\nFROM p';
  assert.equal(env(text), { PATH: '/bin', E: '1', A: '2' });
  assert.equal(env('FROM a AS p\nENV E=1\nFROM a\nCOPY --from=p / /'), { PATH: '/bin' });
});

test('scratch has the usual PATH; an image without one gets it, in its config too', () => {
  const usual = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  assert.equal(env('FROM scratch'), { PATH: usual });
  const bases = { 'docker.io/library/a:latest': { Env: ['A=1'] } };
  assert.equal(imageEnv('FROM a', { bases }), ['A=1', `PATH=${usual}`]);
  assert.equal(env('FROM a', { bases }), { A: '1', PATH: usual });
});

test('an ENV keeps its place when it is set again', () => {
  assert.equal(imageEnv('FROM a\nENV A=1 B=2\nENV A=3'), ['PATH=/bin', 'A=3', 'B=2']);
});

test('proxies reach steps without an ARG, neither image nor history, and an ENV goes before them', () => {
  const buildArgs = { HTTP_PROXY: 'p' };
  const run = lastRun(planned('FROM a\nENV http_proxy=own\nRUN x', { buildArgs }));
  assert.equal(run.proxyEnv, [['HTTP_PROXY', 'p']]);
  assert.equal(run.env, { PATH: '/bin', http_proxy: 'own' });
});

test('the history of RUN lists the ARGs that are declared, with the values that it sees', () => {
  const text = 'FROM a\nARG A=1\nARG B\nENV A=2\nRUN x';
  assert.is(historyOf(planned(text)).at(-1), 'RUN |2 A=2 B= /bin/sh -c x # buildkit');
});

test('and those of the stages below', () => {
  const text = 'FROM a AS p\nARG A=1\nFROM p\nARG B=2\nRUN x';
  assert.is(historyOf(planned(text)).at(-1), 'RUN |2 A=1 B=2 /bin/sh -c x # buildkit');
});

test('a default that fails is not looked at where a value is given', () => {
  const text = `FROM a\nARG A=\${X:?missing}`;
  const error = throws(() => planned(text), 'ERR_EXPANSION', /missing/);
  assert.is(error.place?.range.start.line, 2);
  assert.is(env(text, { buildArgs: { A: 'ok' } })['A'], 'ok');
});

test('an ENV without a name is refused', () => {
  const error = throws(() => planned('FROM a\nENV $X=1'), 'ERR_SYNTAX', /blank/);
  assert.is(error.place?.range.start.line, 2);
});

test.run();
