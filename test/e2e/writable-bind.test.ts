// RUN --mount=type=bind,rw of another stage: what a step writes there is dropped, however snapshots are made.
import { tmpdir } from 'node:os';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { probeErofs } from '../../src/snapshot/probe-erofs.ts';
import { requireFeature } from '../support/require-feature.ts';
import { requireWorkbench, workbench } from '../support/workbench.ts';

const test = suite('e2e/writable-bind');

const dockerfile = `FROM base AS other
RUN mkdir /d && echo one > /d/f
FROM base
RUN --mount=type=bind,from=other,source=/d,target=/m,rw echo changed > /m/f && cat /m/f > /first
RUN --mount=type=bind,from=other,source=/d,target=/m cat /m/f > /second
COPY --from=other /d/f /third
`;

for (const snapshotter of ['overlay', 'copy', 'erofs']) {
  test(`writes are dropped: ${snapshotter}`, async () => {
    if (!requireWorkbench()) return;
    if (snapshotter === 'erofs' && !requireFeature('erofs', (await probeErofs(tmpdir())) !== undefined))
      return;
    await using bench = await workbench({ Dockerfile: dockerfile });
    const image = await bench.image([`--snapshotter=${snapshotter}`]);
    const seen = ['/first', '/second', '/third'].map((path) => image.text(path));
    assert.equal(seen, ['changed\n', 'one\n', 'one\n']);
  });
}

test.run();
