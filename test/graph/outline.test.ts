import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseDockerfile } from '../../src/dockerfile/parse.ts';
import { outline, targets } from '../../src/graph/outline.ts';
import { throws } from '../dockerfile/throws.ts';

const test = suite('outline');
const text = `# VERSION of the app
ARG VERSION=1
ARG BASE=debian
# tools that build
FROM $BASE AS tools
ARG UNSEEN
# build makes the app
FROM $BASE:$VERSION AS build
# DEBUG turns on symbols
ARG DEBUG
ARG VERSION
RUN --mount=type=secret,id=token,required --mount=type=secret,id=opt --mount=type=ssh x
FROM --platform=$BUILDPLATFORM scratch
COPY --from=build /x /
RUN --mount=type=secret,id=token --mount=from=0,target=/t x
`;
const platform = { os: 'linux', architecture: 'amd64' };
const input = (target?: string, buildArgs: Record<string, string> = {}) => ({
  dockerfile: parseDockerfile(text, 'Dockerfile'),
  target,
  buildArgs,
  contexts: new Map(),
  buildPlatform: platform,
  targetPlatform: platform,
});

test('a target tells the ARGs, secrets and sockets of the stages that it needs', () => {
  assert.equal(outline(input('build', { DEBUG: 'yes' })), {
    name: 'build',
    description: 'makes the app',
    args: [
      { name: 'VERSION', description: 'of the app', value: '1' },
      { name: 'BASE', description: '', value: 'debian' },
      { name: 'DEBUG', description: 'turns on symbols', value: 'yes' },
    ],
    secrets: [
      { name: 'token', required: true },
      { name: 'opt', required: false },
    ],
    ssh: [{ name: 'default', required: false }],
  });
});

test('a number in a mount is no stage: the stage is not needed for it', () => {
  assert.not(outline(input()).args.some(({ name }) => name === 'UNSEEN'));
});

test('targets are listed in order, with names, comments and bases as they resolve', () => {
  assert.equal(targets(input()).targets, [
    { name: 'tools', description: 'that build', base: 'debian', platform: '', default: false },
    { name: 'build', description: 'makes the app', base: 'debian:1', platform: '', default: false },
    { name: '', description: '', base: 'scratch', platform: 'linux/amd64', default: true },
  ]);
});

test('a target that is not there is an error', () => {
  throws(() => outline(input('none')), 'ERR_UNKNOWN_TARGET');
});

test.run();
