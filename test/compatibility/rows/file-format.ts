// Rows: the text of a Dockerfile.
import type { Section } from '../row.ts';

const longValue = 'x'.repeat(100_000);

export const fileFormat: Section = {
  slug: 'file-format',
  title: 'The file: lines, directives, here-documents',
  rows: [
    {
      slug: 'instruction-case',
      what: 'Instructions in any case, indented or not',
      status: 'yes',
      probes: [
        {
          dockerfile: '  from scratch\n\tlabel a=1\n Label b=2\n',
          config: { config: { Labels: { a: '1', b: '2' } } },
        },
      ],
    },
    {
      slug: 'comments',
      what: 'Comment lines, also between the lines of one instruction',
      status: 'yes',
      probes: [
        {
          dockerfile: '# one\nFROM scratch\nLABEL a=1 \\\n  # two\n  b=2#3\n',
          config: { config: { Labels: { a: '1', b: '2#3' } } },
        },
      ],
    },
    {
      slug: 'line-continuation',
      what: 'An instruction over several lines; blanks behind the escape character, empty lines in between, and an end of file after it are taken',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nLABEL a=1 \\  \n\n  b=2 \\',
          config: { config: { Labels: { a: '1', b: '2' } } },
        },
      ],
    },
    {
      slug: 'escape-directive',
      what: '`# escape=` chooses between backslash and backtick',
      status: 'yes',
      probes: [
        {
          dockerfile: '# escape=`\nFROM scratch\nLABEL a=c:\\dir `\n  b=`$x\n',
          config: { config: { Labels: { a: 'c:\\dir', b: '$x' } } },
        },
        { dockerfile: '# escape=x\nFROM scratch\n', fails: /escape/ },
      ],
    },
    {
      slug: 'syntax-directive',
      what: '`# syntax=docker/dockerfile:…` in any version, and the build argument `BUILDKIT_SYNTAX`',
      status: 'yes',
      note: 'The frontend is built in: no image is pulled for it, with or without a network',
      probes: [
        { dockerfile: '# syntax=docker/dockerfile:1.7-labs\nFROM scratch\nLABEL a=1\n' },
        {
          dockerfile: '# syntax=example.com/other\nFROM scratch\nLABEL a=1\n',
          flags: ['--build-arg=BUILDKIT_SYNTAX=docker/dockerfile:1'],
        },
      ],
    },
    {
      slug: 'foreign-frontends',
      what: 'Frontends of others in `# syntax=`',
      status: 'no',
      probes: [
        { dockerfile: '# syntax=example.com/other:1\nFROM scratch\n', refused: true },
        {
          dockerfile: 'FROM scratch\n',
          flags: ['--build-arg=BUILDKIT_SYNTAX=example.com/other:1'],
          refused: true,
        },
      ],
    },
    {
      slug: 'syntax-spellings',
      what: 'The frontend is also found behind a first line `#!…`, a byte order mark, in `// syntax=`, and in a first line of JSON',
      status: 'yes',
      probes: [
        { dockerfile: '#!/usr/bin/env frontend\n# syntax=docker/dockerfile:1\nFROM scratch\nLABEL a=1\n' },
        { dockerfile: '\uFEFF# syntax=docker/dockerfile:1\nFROM scratch\nLABEL a=1\n' },
        { dockerfile: '// syntax=example.com/other\nFROM scratch\n', fails: 'the frontend' },
        { dockerfile: '{"syntax": "example.com/other"}\n', fails: 'the frontend' },
      ],
    },
    {
      slug: 'check-directive',
      what: '`# check=skip=…;error=true`, also above a single instruction, and the build argument `BUILDKIT_DOCKERFILE_CHECK`',
      status: 'yes',
      probes: [
        { dockerfile: '# check=error=true\nFROM scratch as x\nLABEL a=1\n', flags: ['--check'], code: 1 },
        {
          dockerfile: '# check=skip=FromAsCasing;error=true\nFROM scratch as x\nLABEL a=1\n',
          flags: ['--check'],
        },
        { dockerfile: '# check=skip=all;error=true\nFROM scratch as x\nLABEL a=1\n', flags: ['--check'] },
        {
          dockerfile:
            '# check=skip=FromAsCasing\nFROM scratch as x\nWORKDIR a\n# check=skip=WorkdirRelativePath\nWORKDIR b\n',
          flags: ['--check'],
          code: 1,
          stdout: /1 warning has[\s\S]*Dockerfile:3/,
        },
        {
          dockerfile: 'FROM scratch as x\nLABEL a=1\n',
          flags: ['--check', '--build-arg=BUILDKIT_DOCKERFILE_CHECK=skip=all'],
          stdout: /no warnings/i,
        },
      ],
    },
    {
      slug: 'directive-place',
      what: 'Directives count at the very top alone, in any case, each once',
      status: 'yes',
      probes: [
        {
          dockerfile: '# ESCAPE = `\nFROM scratch\nLABEL a=1 `\n b=2\n',
          config: { config: { Labels: { a: '1', b: '2' } } },
        },
        {
          dockerfile: '# a comment\n# escape=`\nFROM scratch\nLABEL a=1 \\\n b=2\n',
          config: { config: { Labels: { a: '1', b: '2' } } },
        },
        { dockerfile: '# escape=`\n# escape=`\nFROM scratch\n', fails: /escape/ },
      ],
    },
    {
      slug: 'long-lines',
      what: 'Lines of any length',
      status: 'yes',
      note: 'BuildKit ends at 65,535 bytes',
      probes: [
        {
          dockerfile: `FROM scratch\nLABEL a=${longValue}\n`,
          config: { config: { Labels: { a: longValue } } },
        },
      ],
    },
    {
      slug: 'empty-file',
      what: 'An empty file, and one of comments alone, are errors of their own',
      status: 'yes',
      probes: [
        { dockerfile: '', fails: /is empty|empty/ },
        { dockerfile: '# nothing\n', fails: /instruction/ },
      ],
    },
    {
      slug: 'exec-form',
      what: 'A JSON array of strings is the exec form; all else is the shell form',
      status: 'yes',
      probes: [
        { dockerfile: 'FROM scratch\nCMD ["a", "b"]\n', config: { config: { Cmd: ['a', 'b'] } } },
        {
          dockerfile: "FROM scratch\nCMD ['a', 'b']\n",
          config: { config: { Cmd: ['/bin/sh', '-c', "['a', 'b']"] } },
        },
      ],
    },
    {
      slug: 'heredocs',
      what: 'Here-documents on RUN, COPY, ADD and ONBUILD: `<<-` strips tabs, a quoted word keeps variables, several may stand in a line',
      status: 'yes',
      probes: [
        {
          dockerfile:
            'FROM scratch\nARG V=1\nCOPY <<-A <<"B" /\n\t\tv=$V\n\tA\nv=$V\nB\nADD <<C /dir/\nc\nC\n',
          tree: { '/A': 'v=1\n', '/B': 'v=$V\n', '/dir/C': 'c\n' },
        },
        {
          needs: ['steps'],
          dockerfile:
            'FROM base AS one\nONBUILD RUN <<EOF\necho made > /made\nEOF\nFROM one\nRUN test "$(cat /made)" = made\n',
        },
      ],
    },
    {
      slug: 'unfinished-heredoc',
      what: 'A here-document without its end is an error that shows where it begins',
      status: 'yes',
      probes: [{ dockerfile: 'FROM scratch\nCOPY <<EOF /a\nx\n', fails: /Dockerfile:2/ }],
    },
    {
      slug: 'descriptions',
      what: 'A comment above a stage or an ARG that begins with its name describes it in `--call=outline` and `--call=targets`',
      status: 'yes',
      probes: [
        {
          dockerfile: '# one is the first\nFROM scratch AS one\n',
          flags: ['--call=targets'],
          stdout: /is the first/,
        },
        {
          dockerfile: 'FROM scratch\n# V is a version\nARG V=1\n',
          flags: ['--call=outline'],
          stdout: /is a version/,
        },
      ],
    },
    {
      slug: 'did-you-mean',
      what: 'A misspelt instruction, flag, mount key or stage comes with the name that was meant',
      status: 'yes',
      probes: [
        { dockerfile: 'FROM scratch\nCOPPY a b\n', fails: /did you mean COPY/i },
        { dockerfile: 'FROM scratch\nCOPY --chmood=1 a b\n', fails: /did you mean --chmod/i },
        {
          dockerfile: 'FROM base\nRUN --mount=type=bind,sorce=a,target=/b true\n',
          fails: /did you mean source/i,
        },
        {
          dockerfile: 'FROM scratch AS builder\nLABEL a=1\n',
          flags: ['--target=bilder'],
          fails: /did you mean builder/i,
        },
      ],
    },
    {
      slug: 'source-excerpts',
      what: 'Errors show the lines of the Dockerfile that they are about',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nCOPY missing \\\n  /\n',
          fails: /Dockerfile:2[\s\S]*>>>.*COPY missing[\s\S]*>>> +\/$/m,
        },
      ],
    },
    {
      slug: 'preprocessing',
      what: 'Buildah: `Containerfile.in` through the C preprocessor, `--cpp-flag`',
      status: 'no',
      probes: [{ dockerfile: 'FROM scratch\n', flags: ['--cpp-flag=-DX'], refused: true }],
    },
    {
      slug: 'several-files',
      what: 'Buildah: several `-f`, read as one file',
      status: 'no',
      probes: [
        { dockerfile: 'FROM scratch\n', flags: ['-f', 'Dockerfile', '-f', 'Dockerfile'], refused: true },
      ],
    },
  ],
};
