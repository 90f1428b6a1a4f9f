import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readBuildahLog, readBuildKitLog } from '../../src/replay/read-peer-log.ts';

const test = suite('read-peer-log');

test("Buildah's log: hits say so, what ran has an image, what failed has neither", () => {
  const log = `[1/2] STEP 1/3: FROM base AS build
[1/2] STEP 2/3: RUN make
--> Using cache 0123456789abcdef
--> 0123456789ab
[2/2] STEP 1/4: FROM base
[2/2] STEP 2/4: ENV A=1
--> abcdefabcdef
[2/2] STEP 3/4: COPY a b
--> 123456abcdef
[2/2] STEP 4/4: RUN false
Error: building at STEP "RUN false": exit status 1
`;
  assert.equal(readBuildahLog(log), [
    { name: 'RUN make', stage: '1', outcome: 'hit' },
    { name: 'COPY a b', stage: '2', outcome: 'ran' },
    { name: 'RUN false', stage: '2', outcome: 'failed' },
  ]);
});

test("BuildKit's plain progress: by the numbers of its vertices", () => {
  const log = `#1 [internal] load build definition from Dockerfile
#1 DONE 0.0s
#4 [build 1/3] FROM docker.io/library/base
#4 CACHED
#5 [build 2/3] COPY a b
#5 CACHED
#6 [build 3/3] RUN make
#6 0.112 hello
#6 DONE 1.5s
#7 [stage-1 2/2] RUN false
#7 ERROR: process "/bin/sh -c false" did not complete successfully: exit code: 1
`;
  assert.equal(readBuildKitLog(log), [
    { name: '[build 2/3] COPY a b', stage: 'build', outcome: 'hit' },
    { name: '[build 3/3] RUN make', stage: 'build', outcome: 'ran', seconds: 1.5 },
    { name: '[stage-1 2/2] RUN false', stage: 'stage-1', outcome: 'failed' },
  ]);
});

test.run();
