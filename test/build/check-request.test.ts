// What of a request is known to fail before anything is read.
import { suite } from 'uvu';
import { checkRequest } from '../../src/build/one-request.ts';
import type { BuildRequest } from '../../src/build-request.ts';
import { rejects } from '../support/rejects.ts';

const test = suite('check request');

test('an image gets no name with a digest, which nobody knows yet', async () => {
  const check = async (tags: string[]): Promise<void> =>
    checkRequest({ tags, outputs: [], platforms: [], buildArgs: {}, secrets: [] } as unknown as BuildRequest);
  await check(['app', 'registry.example.com:5000/app:1']);
  await rejects(check([`app@sha256:${'0'.repeat(64)}`]), 'ERR_USAGE', /not known before the build/);
  await rejects(check(['App']), 'ERR_BAD_REFERENCE');
});

test.run();
