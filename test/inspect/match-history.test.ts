// Which instruction made which layer, in the words of a Dockerfile.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { instructionText, matchHistory } from '../../src/inspect/match-history.ts';

const test = suite('inspect/match-history');

test('instructions are told as a Dockerfile has them', () => {
  for (const [by, text] of [
    ['RUN /bin/sh -c make all # buildkit', 'RUN make all'],
    ['RUN |2 A=b C=d e /bin/sh -c make # buildkit', 'RUN make'],
    ['/bin/sh -c apt-get update', 'RUN apt-get update'],
    ['/bin/sh -c #(nop)  CMD ["bash"]', 'CMD ["bash"]'],
    ['|1 A=b /bin/sh -c #(nop) COPY dir:abc in / ', 'COPY dir:abc in /'],
    ['/bin/bash -o pipefail -c a | b', 'RUN a | b'],
    ['COPY a /b # buildkit', 'COPY a /b'],
    ['RUN /bin/sh -c a\n\tb # buildkit', 'RUN a b'],
    ['#(nop)', '#(nop)'],
  ])
    assert.is(instructionText(by!), text, by);
});

test('layers that the history does not speak of come first, entries beyond the layers made none', () => {
  const layers = (history: object[], count: number) => matchHistory(history, count).map(({ layer }) => layer);
  assert.equal(layers([{ created_by: 'a' }, { empty_layer: true }, { created_by: 'b' }], 3), [
    0,
    1,
    undefined,
    2,
  ]);
  assert.equal(layers([{ created_by: 'a' }, { created_by: 'b' }], 1), [0, undefined]);
  assert.equal(matchHistory(undefined, 2).length, 2);
});

test.run();
