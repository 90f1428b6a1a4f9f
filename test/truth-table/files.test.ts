// The truth table of files, proved by real builds: one for each change, all instructions in it.
import { chmodSync, chownSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CacheReport } from '../../src/index.ts';
import { requireWorkbench, workbench } from '../support/workbench.ts';
import { fileMutations, fileTable } from './file-table.ts';
import { answersOf, dockerfileOf } from './stages.ts';

const test = suite('truth table of files');

const readers = fileTable.filter(({ lines }) =>
  lines.some((line) => !/^(?:RUN true|COPY --from)/.test(line)),
);

/** A tar with one empty file of that name. */
function tarOf(name: string): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write('00000000000\0', 124);
  header.write('00000000000\0', 136);
  header.write('        0', 148);
  header.write('ustar\x0000', 257);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return Buffer.concat([header, Buffer.alloc(1024)]);
}

const changes: Record<(typeof fileMutations)[number]['id'], (folder: string, file: string) => void> = {
  content: (_, file) => writeFileSync(file, file.endsWith('.tar') ? tarOf('other') : 'other\n'),
  mode: (_, file) => chmodSync(file, 0o664),
  time: (_, file) => utimesSync(file, 1, 1),
  owner: (_, file) => process.getuid?.() === 0 && chownSync(file, 5, 5),
  renamed: (folder, file) => file.endsWith('.tar') || renameSync(file, join(folder, 'g.txt')),
  added: (folder) => writeFileSync(join(folder, 'new.md'), 'new\n'),
  removed: (folder) => rmSync(join(folder, 'old.md')),
  ignored: (folder) => writeFileSync(join(folder, 'x.log'), ''),
};

test('each instruction hits or misses, and is explained, as the table says', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile: dockerfileOf(fileTable),
    '.dockerignore': '**/*.log\n',
    'plain/p': '',
  });
  for (const { id } of readers)
    await bench.write({ [`${id}/${id === 'archive' ? 'f.tar' : 'f.txt'}`]: 'f\n' });
  for (const { id } of readers) await bench.write({ [`${id}/old.md`]: 'old\n' });
  writeFileSync(join(bench.context, 'archive/f.tar'), tarOf('first'));
  for (const { id } of readers)
    chmodSync(join(bench.context, id, id === 'archive' ? 'f.tar' : 'f.txt'), 0o644);
  const file = bench.file('report.json');
  const answers = async (): Promise<ReturnType<typeof answersOf>> => {
    await bench.build([`--cache-report=${file}`]);
    return answersOf(JSON.parse(readFileSync(file, 'utf8')) as CacheReport);
  };
  await answers();
  for (const { id: mutation } of fileMutations) {
    for (const { id } of readers) {
      const folder = join(bench.context, id);
      changes[mutation](folder, join(folder, id === 'archive' ? 'f.tar' : 'f.txt'));
      if (mutation === 'added') chmodSync(join(folder, 'new.md'), 0o644);
    }
    const found = await answers();
    for (const { id, misses } of fileTable)
      assert.equal(found.get(id), misses[mutation], `${id}: ${mutation}`);
  }
});

test.run();
