// `--progress=rawjson` is BuildKit's SolveStatus, a line each.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cached, done, item, log, play, start, started } from '../support/scripted-progress.ts';

const test = suite('cli/raw-json-progress');

test('each event is a line with the fields of a solve status', () => {
  const id = `sha256:${'a'.repeat(64)}`;
  const place = { file: 'Dockerfile', range: { start: { line: 3, column: 1 }, end: { line: 3, column: 9 } } };
  const { text } = play('rawjson', [
    started(0, id, 'RUN \x1b[31mmake'),
    log(100, id, 'out\x1b[0m\n', 'stderr'),
    item(200, id, 'layer', [5, 10]),
    item(300, id, 'layer', [10, 10], true),
    cached(400, id),
    done(500, id, { error: 'no' }),
    { type: 'warning', message: 'careful', place, time: start },
  ]);
  const at = (ms: number) => new Date(start + ms).toISOString();
  const vertex = { digest: id, name: 'RUN \x1b[31mmake', started: at(0) };
  assert.equal(
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    [
      { vertexes: [vertex] },
      {
        logs: [
          { vertex: id, stream: 2, data: Buffer.from('out\x1b[0m\n').toString('base64'), timestamp: at(100) },
        ],
      },
      {
        statuses: [{ id: 'layer', vertex: id, total: 10, current: 5, timestamp: at(200), started: at(200) }],
      },
      {
        statuses: [
          {
            id: 'layer',
            vertex: id,
            total: 10,
            current: 10,
            timestamp: at(300),
            started: at(200),
            completed: at(300),
          },
        ],
      },
      { vertexes: [{ ...vertex, cached: true }] },
      { vertexes: [{ ...vertex, cached: true, completed: at(500), error: 'no' }] },
      {
        warnings: [
          {
            level: 1,
            short: Buffer.from('careful').toString('base64'),
            sourceInfo: { filename: 'Dockerfile' },
            range: [{ start: { line: 3, character: 0 }, end: { line: 3, character: 8 } }],
          },
        ],
      },
    ],
  );
});

test('ids that are no digests become digests, the same for the same id', () => {
  const { text } = play('rawjson', [started(0, 'v1'), done(1, 'v1')]);
  const digests = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).vertexes[0].digest);
  assert.match(digests[0], /^sha256:[0-9a-f]{64}$/);
  assert.is(digests[0], digests[1]);
});

test.run();
