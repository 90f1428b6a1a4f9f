// `slipway bench` from a history to its reports: what the page and the advice say is what the builds were.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ReplayResult } from '../../src/replay/replay-result.ts';
import type { Advice } from '../../src/replay-report/advice/advice.ts';
import { haveBusybox } from '../support/busybox-base.ts';
import { slipway } from '../support/cli.ts';
import { makeNpmHistory } from '../support/npm-history.ts';
import { requireFeature } from '../support/require-feature.ts';

const test = suite('bench: reports and advice');

if (requireFeature('busybox', haveBusybox)) {
  test('two Dockerfiles over one history: the figures are those of the builds, and the advice for one leads to the other', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
    try {
      const { flag, repo } = await makeNpmHistory(folder, {
        ...{ commits: 7, seed: 7 },
        sleep: { install: 0.4, build: 0.05 },
      });
      const result = await slipway(
        [
          ...['bench', '--commits', 'main', '-f', 'everything-first.Dockerfile'],
          ...['--variant', 'dependencies-first.Dockerfile', flag, '--out', 'out', repo],
        ],
        { root: join(folder, 'root'), cwd: folder },
      );
      assert.is(result.code, 0, result.stderr);
      const read = (name: string): Promise<string> => readFile(join(folder, 'out', name), 'utf8');
      const replay: ReplayResult = JSON.parse(await read('replay.json'));
      const [all, dependencies] = replay.variants;
      const html = await read('report.html');
      const markdown = await read('report.md');
      for (const variant of replay.variants) {
        let [hits, misses] = [0, 0];
        for (const { steps } of variant.builds.slice(1))
          for (const { outcome } of steps) {
            if (outcome === 'hit') hits++;
            if (outcome === 'ran') misses++;
          }
        for (const text of [html, markdown, result.stdout]) assert.match(text, `${hits} of ${hits + misses}`);
      }
      const advice: Advice[] = JSON.parse(await read('advice.json'));
      const [offer] = advice.find(({ variant }) => variant === all!.name)!.offers;
      assert.is(
        offer!.dockerfile,
        dependencies!.dockerfile.replace('COPY package.json package-lock.json ./', 'COPY package*.json ./'),
      );
      assert.ok(offer!.seconds > 0.4 && offer!.shorter > 0);
      assert.match(offer!.patch, '--- a/everything-first.Dockerfile\n+++ b/everything-first.Dockerfile\n');
      assert.equal(
        advice.filter(({ variant, offers }) => variant !== all!.name && offers.length > 0),
        [],
      );
      assert.match(html, 'id="advice"');
      assert.match(markdown, '+COPY package*.json ./');
      assert.match(result.stdout, '+COPY package*.json ./');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

test.run();
