// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the language under test writes variables so.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { locateWords } from '../../src/dockerfile/locate-words.ts';
import { parseDockerfile } from '../../src/dockerfile/parse.ts';

const test = suite('locate words');

test('words, flags and variables keep their places over continuations, comments and heredocs', () => {
  const text =
    '# escape=`\nFROM a\n  COPY --link `\n   # c\n  $x "${y:-z}" /d\nRUN cat <<E\n$q\nE\nENV A=$x\n';
  const file = parseDockerfile(text, 'Dockerfile');
  const shown = file.instructions.slice(1).map((instruction) => {
    const { keyword, flags, arguments: words, variables } = locateWords(file, instruction);
    const at = ({ start }: typeof keyword) => `${start.line}:${start.column}`;
    return [
      at(keyword),
      flags.map((flag) => `${flag.text} ${at(flag.range)}`),
      words.map((word) => `${word.text} ${at(word.range)}`),
      variables.map((variable) => `${variable.name}${variable.modifier ?? ''} ${at(variable.range)}`),
    ];
  });
  assert.equal(shown, [
    ['3:3', ['--link 3:8'], ['$x 5:3', '"${y:-z}" 5:6', '/d 5:16'], ['x 5:3', 'y- 5:7']],
    ['6:1', [], ['cat 6:5', '<<E 6:9'], []],
    ['9:1', [], ['A=$x 9:5'], ['x 9:7']],
  ]);
});

test.run();
