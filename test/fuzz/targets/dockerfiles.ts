// Dockerfiles and what belongs to them: instructions, flags, mounts, shell code, comments for the linter, ignore files.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDuration } from '../../../src/dockerfile/duration.ts';
import { expandHeredoc, expandWords } from '../../../src/dockerfile/expand.ts';
import { createIgnoreMatcher } from '../../../src/dockerfile/ignore.ts';
import { ignoringLine } from '../../../src/dockerfile/ignoring-line.ts';
import { parseChmod } from '../../../src/dockerfile/mode.ts';
import { parseMount } from '../../../src/dockerfile/mount.ts';
import { parseTolerant } from '../../../src/dockerfile/parse-tolerant.ts';
import { parseSignal } from '../../../src/dockerfile/signal.ts';
import { parseSize } from '../../../src/dockerfile/size.ts';
import { isSlipwayError } from '../../../src/errors.ts';
import { fixText } from '../../../src/lint/fix-text.ts';
import { lintText } from '../../../src/lint/lint-text.ts';
import { scriptsIn } from '../../../src/lint/scripts-in.ts';
import { planned } from '../../graph/plan-setup.ts';
import { formatDockerfile } from '../../support/format-dockerfile.ts';
import { type FuzzTarget, must, texts } from '../fuzz-target.ts';

const fixtures = join(import.meta.dirname, '../../../fixtures');

/** Texts of all files of a name below a folder of the fixtures. */
export function fixtureFiles(folder: string, isWanted: (name: string) => boolean): Buffer[] {
  const names = readdirSync(join(fixtures, folder), { recursive: true, encoding: 'utf8' }).filter(isWanted);
  return names.sort().map((name) => readFileSync(join(fixtures, folder, name)));
}

const isDockerfile = (name: string): boolean => /Dockerfile$/.test(name);

const words = [
  ...[
    'FROM a AS b\n',
    'RUN ',
    'COPY --from=b ',
    'ARG A=1\n',
    'ENV A=$A$A\n',
    'ONBUILD ',
    '\\\n',
    '`\n',
    '# escape=`\n',
  ],
  ...[
    '<<EOF\n',
    '<<-"EOF"\n',
    '\nEOF\n',
    '${A:-',
    '${A//x/',
    '$A',
    '}',
    '"',
    "'",
    '[',
    ']',
    '["a","b"]',
    '--mount=type=cache,target=/x ',
  ],
  ...[
    '--mount=type=bind,from=',
    ',',
    '=',
    '\r\n',
    '\0',
    '\ufeff',
    '\u202e',
    '\x1b[2J',
    '--chmod=',
    '--platform=$BUILDPLATFORM ',
  ],
  ...[
    '# check=skip=all\n',
    '# syntax=',
    '# hadolint ignore=DL3008,',
    '# shellcheck disable=SC2086 ',
    '&&',
    '||',
    '|',
    ';',
    '$(',
    '`',
    '((',
    '[[',
  ],
  ...[
    'if ',
    'then ',
    'fi',
    'for i in ',
    'do ',
    'done',
    'case x in ',
    'esac',
    '{',
    'function f() ',
    '<(',
    '>&2',
    '<<<',
    '\t',
    ' ',
    '\n',
    '\xff',
  ],
];

function attempt(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!isSlipwayError(error)) throw error;
  }
}

const parsing: FuzzTarget = {
  name: 'dockerfile',
  corpus: () => [...fixtureFiles('dockerfiles', isDockerfile), ...fixtureFiles('plans', isDockerfile)],
  words,
  run(input) {
    const text = input.toString('utf8');
    parseTolerant(text, 'Dockerfile');
    const formatted = formatDockerfile(text);
    must(formatDockerfile(formatted) === formatted, 'a formatted text is formatted again');
    planned(text);
  },
};

const lintCorpus = (): Buffer[] => [
  ...fixtureFiles('lint', isDockerfile),
  ...fixtureFiles('dockerfiles', isDockerfile),
  ...texts(
    '# hadolint global ignore=DL3008,DL3009\n# hadolint shell=bash\nFROM a\n# hadolint ignore=DL3003,SC2035\nRUN cd /x && ls *\n',
    'FROM a\nSHELL ["/bin/bash","-o","pipefail","-c"]\nRUN for i in $(ls); do case "$i" in a|b) echo "${i%%x}" ;; esac; done | cat <<< "$x" > /y\n',
    'FROM a\nRUN <<EOF\nif [[ -n "$a" && $b =~ x ]]; then eval "$(curl x | sh)"; fi\nfunction f() { local x=$((1+2)); }\nEOF\n',
    'FROM a\nRUN apt-get update && apt-get install -y x=1 y && rm -rf /var/lib/apt/lists/*\nRUN pip install a; npm i -g b; sudo x\n',
  ),
];

const linting: FuzzTarget = {
  name: 'lint',
  corpus: lintCorpus,
  words,
  run(input) {
    const text = input.toString('utf8');
    const lines = text.split('\n').length;
    for (const compat of [undefined, 'hadolint', 'buildkit'] as const)
      for (const { line } of lintText(text, 'Dockerfile', compat ? { compat } : {}))
        must(line >= 1 && line <= lines + 1, `a finding in line ${line} of ${lines}`);
    scriptsIn(text, 'Dockerfile');
  },
};

const fixing: FuzzTarget = {
  name: 'fix',
  corpus: lintCorpus,
  words,
  run: (input) => fixText(input.subarray(0, 4096).toString('utf8'), 'Dockerfile', { level: 'all' }),
};

const ignoring: FuzzTarget = {
  name: 'ignore',
  corpus: () =>
    texts(
      '# comment\n*.log\n!keep.log\n**/node_modules\n/dist/\na/**/b?[a-z]\\*\n',
      '**\n!src/**\n!**/*.md\n',
      '[^a-]x]\n[[:alpha:]]\n',
    ),
  words: [
    '!',
    '**/',
    '**',
    '*',
    '?',
    '[',
    ']',
    '[^',
    '-',
    '\\',
    '/',
    '..',
    '.',
    '#',
    '\n',
    '\r',
    '\ufeff',
    '\u{1f600}',
    '{a,b}',
    '(',
    '+',
    '$',
  ],
  run(input) {
    const text = input.toString('utf8');
    const paths = [
      'a',
      'a/b',
      'src/x/y.md',
      'node_modules/x',
      `${'a/'.repeat(60)}b`,
      'keep.log',
      '*',
      'a'.repeat(250),
    ];
    attempt(() => ignoringLine(text, 'a/b'));
    const matcher = createIgnoreMatcher(text);
    for (const path of paths) {
      matcher.ignores(path);
      matcher.mayIncludeBelow(path);
    }
  },
};

const values: FuzzTarget = {
  name: 'values',
  corpus: () =>
    texts(
      'type=bind,from=x,source=/a,target=/b,rw',
      'type=cache,id=$ID,target=/c,sharing=locked,mode=0755,uid=1,gid=2',
      'type=secret,id=x,env=Y,required=true,mode=0400',
      'type=tmpfs,target=/t,size=64m',
      '"type=ssh",id=default',
      '${A:-${B:+${C//x/y}}}',
      '${A#*/}${A%%.*}$A\\$A\'$A\'"$A"',
      '1h2m3.5s',
      'u=rwX,go-w,a+s',
      'SIGRTMIN+3',
    ),
  words: [
    'type=',
    ',',
    '=',
    '"',
    '""',
    '${',
    '}',
    ':-',
    ':?',
    '//',
    '#',
    '%%',
    '*',
    '\\',
    "'",
    '$',
    'target=/',
    'size=1g',
    'mode=8',
    '../',
  ],
  run(input) {
    const text = input.toString('utf8');
    const env = (name: string): string | undefined =>
      new Map([
        ['A', 'a/b.c.d'],
        ['B', ''],
      ]).get(name);
    const expand = (one: string): string => one;
    attempt(() => parseMount(text, expand));
    attempt(() => expandWords(text, env, { escape: '\\' }));
    attempt(() => expandHeredoc(text, env));
    for (const parse of [parseDuration, parseSize, parseSignal, parseChmod]) attempt(() => parse(text));
  },
};

export const dockerfileTargets: FuzzTarget[] = [parsing, linting, fixing, ignoring, values];
