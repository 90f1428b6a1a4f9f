// The HTML report as people and their screen readers meet it, in a real browser.
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ReplayResult } from '../../../src/replay/replay-result.ts';
import { htmlReport } from '../../../src/replay-report/html/document.ts';
import { lossesOf } from '../../../src/replay-report/losses.ts';
import { hostileReplay, mark } from '../../support/hostile-replay.ts';
import { madeReplay } from '../../support/made-replay.ts';
import {
  allIds,
  focusedName,
  gridBoxes,
  ground,
  headingLevels,
  namelessParts,
  poorContrast,
} from '../../support/page-probes.ts';
import { requireFeature } from '../../support/require-feature.ts';

const program = '/usr/bin/chromium';
const test = suite('replay report: HTML');

interface Opened {
  page: Page;
  /** What the console said, and every request but the first. */
  noise: string[];
}

let browser: Browser;
let folder: string;

async function open(
  result: ReplayResult,
  { scheme = 'light', width = 1400 }: { scheme?: 'light' | 'dark'; width?: number } = {},
): Promise<Opened> {
  const path = join(folder, 'report.html');
  await writeFile(path, htmlReport(result));
  const page = await browser.newPage({ colorScheme: scheme, viewport: { width, height: 900 } });
  const noise: string[] = [];
  page.on('console', (message) => noise.push(message.text()));
  page.on('pageerror', (error) => noise.push(String(error)));
  page.on('dialog', (dialog) => noise.push(`dialog: ${dialog.message()}`));
  const url = pathToFileURL(path).href;
  page.on('request', (request) => {
    if (request.url() !== url) noise.push(request.url());
  });
  await page.goto(url);
  return { page, noise };
}

const focused = (page: Page): Promise<string> => page.evaluate<string>(focusedName);

if (requireFeature('chromium', existsSync(program))) {
  test.before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-page-'));
    browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] });
  });
  test.after(async () => {
    await browser?.close();
    if (folder) await rm(folder, { recursive: true });
  });

  test('the keyboard goes from the top to a cell, through the grid, and to what is told of it', async () => {
    const { page, noise } = await open(madeReplay());
    await page.keyboard.press('Tab');
    assert.is(await focused(page), 'Skip to the report');
    await page.keyboard.press('Enter');
    // One stop for the whole grid.
    const stops = await page.locator('table.grid').first().locator('td[tabindex="0"]').count();
    assert.is(stops, 1);
    for (let at = 0; at < 12 && !(await page.locator('td:focus').count()); at++)
      await page.keyboard.press('Tab');
    assert.match(await focused(page), /^miss, .* s: no earlier build/);
    await page.keyboard.press('ArrowRight');
    assert.match(await focused(page), /^hit, saved 1\d s$/);
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key);
    assert.match(await focused(page), /^miss, \d+ s: .* has other content$/);
    await page.keyboard.press('Enter');
    const panel = page.locator('#panel-0');
    assert.is(await page.evaluate<string>('document.activeElement.id'), 'panel-0');
    const text = (await panel.textContent()) ?? '';
    assert.match(text, 'RUN npm ci');
    assert.match(text, 'It began with COPY . ., line 4');
    assert.match(text, 'has other content');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+End');
    const last = await page.evaluate<number[]>(
      '[document.activeElement.cellIndex, document.activeElement.parentElement.rowIndex]',
    );
    assert.equal(last, [61, 5]);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    assert.is(await page.locator('td:focus').count(), 1);
    await page.keyboard.press('Tab');
    assert.is(await page.locator('table.grid').first().locator('td[tabindex="0"]').count(), 1);
    assert.equal(noise, []);
    await page.close();
  });

  test('a screen reader is told names: sections, tables, plots, headers of rows and columns', async () => {
    const { page } = await open(madeReplay({ commits: 6 }));
    const tree = await page.locator('body').ariaSnapshot();
    for (const name of [
      'link "Skip to the report"',
      'navigation "Sections"',
      'heading "5 rebuilds of v1.0~6..v1.0" [level=1]',
      'region "Hits and misses"',
      'grid "Dockerfile.all-first"',
      'rowheader "RUN npm ci 0 %"',
      'img "Time 5 bars, median',
      'img "Bytes 5 bars, most',
      'table "Seconds lost by cause: Dockerfile"',
      'region "What the image holds"',
      'table "Layers: Dockerfile"',
      'button "Switch between light and dark"',
    ])
      assert.ok(tree.includes(name), `${name} is missing in\n${tree.slice(0, 4000)}`);
    const nameless = await page.evaluate<string[]>(namelessParts);
    assert.equal(nameless, []);
    const ids = await page.evaluate<string[]>(allIds);
    assert.is(new Set(ids).size, ids.length);
    const levels = await page.evaluate<number[]>(headingLevels);
    for (const [at, level] of levels.entries())
      assert.ok(level <= (levels[at - 1] ?? 0) + 1, `heading ${at}`);
    await page.close();
  });

  test('light and dark follow the system and the button, and words keep their contrast', async () => {
    for (const scheme of ['light', 'dark'] as const) {
      const { page, noise } = await open(madeReplay({ commits: 12 }), { scheme });
      const before = await page.evaluate<string>(ground);
      assert.is(before, scheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(19, 22, 26)');
      assert.equal(await page.evaluate<string[]>(poorContrast), []);
      await page.getByRole('button', { name: 'Switch between light and dark' }).click();
      assert.is.not(await page.evaluate<string>(ground), before);
      assert.equal(await page.evaluate<string[]>(poorContrast), []);
      assert.equal(noise, []);
      await page.close();
    }
  });

  test('hits and misses are told apart without colours', async () => {
    const { page } = await open(madeReplay({ commits: 6 }));
    const signs = await page.evaluate<string[]>(
      `['H', 'M1', 'M4'].map((kind) => getComputedStyle(document.querySelector('table.grid .' + kind), '::after').content)`,
    );
    assert.equal(signs, ['"·"', '"×"', '"×"']);
    await page.close();
  });

  test('a narrow window, hundreds of commits: the page never scrolls sideways, and headers stay', async () => {
    for (const width of [360, 1400]) {
      const { page, noise } = await open(madeReplay({ commits: 120 }), { width });
      const [wide, window] = await page.evaluate<number[]>(
        '[document.documentElement.scrollWidth, innerWidth]',
      );
      assert.ok(wide! <= window!, `${wide} in ${window}`);
      await page.locator('table.grid td').first().focus();
      await page.keyboard.press('End');
      const { cell, header, map } =
        await page.evaluate<Record<'cell' | 'header' | 'map', { left: number; right: number }>>(gridBoxes);
      assert.ok(Math.abs(header.left - map.left) < 4, 'the name of the row is still there');
      assert.ok(cell.left >= header.right - 1 && cell.right <= map.right + 1, 'the cell is not below it');
      assert.equal(noise, []);
      await page.close();
    }
  });

  test('what others wrote is text', async () => {
    const { page, noise } = await open(hostileReplay());
    assert.is.not(await page.title(), mark);
    const markup = `[...document.querySelectorAll('img, svg[onload], script')].map(({ id }) => id)`;
    assert.equal(await page.evaluate<string[]>(markup), ['data', '']);
    const text = (await page.locator('main').textContent()) ?? '';
    assert.match(text, '</script>');
    assert.match(text, '\\u202e');
    const held = (await page.locator('#image').textContent()) ?? '';
    assert.match(held, 'RUN </script>');
    assert.match(held, '/<img src=x');
    assert.not.match(await page.content(), /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
    await page.locator('table.grid td').nth(30).click();
    assert.match((await page.locator('#panel-0').textContent()) ?? '', /\S/);
    assert.equal(noise, []);
    await page.close();
  });

  test('every cell and every figure of the losses is in the page', async () => {
    const result = madeReplay({ commits: 12 });
    const { page } = await open(result);
    for (const [at, variant] of result.variants.entries()) {
      const signs = await page.evaluate<string[]>(
        `[...document.querySelectorAll('table.grid')[${at}].querySelectorAll('td')].map(({ className }) => className.startsWith('M') ? 'ran' : 'hit')`,
      );
      const steps = variant.builds[0]!.steps.flatMap(({ type }, step) => (type === 'image' ? [] : [step]));
      const wanted = steps.flatMap((step) => variant.builds.map((build) => build.steps[step]!.outcome));
      assert.equal(signs, wanted);
      const table = page
        .getByRole('table', { name: `Files that break the cache most: ${variant.name}` })
        .first();
      const files = lossesOf(variant).files.slice(0, 10);
      assert.equal(
        await table.locator('tbody th').allInnerTexts(),
        files.map(({ path }) => path),
      );
    }
    await page.close();
  });
}

test.run();
