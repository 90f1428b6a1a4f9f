// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the language under test writes variables so.
// Where each rule fires, and where it does not.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Rule } from '../../src/lint/rule.ts';
import { buildChecks } from '../../src/lint/rules/index.ts';
import { type CheckSettings, checkText } from './check-text.ts';

const test = suite('lint/rules');

/** The lines on which a rule fires. Lines of the text are parted by ` | `. */
function fires(rule: string, text: string, lines: number[], settings: CheckSettings = {}): void {
  test(`${rule}: ${text} → ${lines.join(', ') || 'nothing'}`, () => {
    const found = checkText(text.split(' | ').join('\n'), settings).filter((one) => one.rule === rule);
    assert.equal(
      found.map(({ range }) => range.start.line),
      lines,
    );
  });
}

function says(rule: Rule['name'], text: string, message: string, settings: CheckSettings = {}): void {
  test(`${rule} says: ${message}`, () => {
    const found = checkText(text.split(' | ').join('\n'), settings).filter((one) => one.rule === rule);
    assert.is(found[0]?.message, message);
  });
}

fires('StageNameCasing', 'FROM a AS Base | FROM b AS base2', [1]);
fires('StageNameCasing', 'FROM A | FROM b AS c', []);

fires('FromAsCasing', 'FROM a as b', [1]);
fires('FromAsCasing', 'from a AS b', [1]);
fires('FromAsCasing', 'from a as b | FROM a AS c | From a as d', []);
fires('FromAsCasing', 'FROM --platform=$BUILDPLATFORM a \\ |  As b', [1]);

fires('NoEmptyContinuation', 'FROM a | RUN b \\ |  |  c', [4]);
fires('NoEmptyContinuation', 'FROM a | RUN b \\ |  |  | COPY c d', [5]);
fires('NoEmptyContinuation', 'FROM a | RUN b \\ | # comment | c', []);
fires('NoEmptyContinuation', 'FROM a | RUN <<E cat \\ |  | - |  | x | E', [4]);

fires('ConsistentInstructionCasing', 'FROM a | RUN b | run c', [3]);
fires('ConsistentInstructionCasing', 'from a | run b | RUN c', [3]);
fires('ConsistentInstructionCasing', 'FROM a | run b', [2]);
fires('ConsistentInstructionCasing', 'arg X=1 | FROM a | RUN b', []);
fires('ConsistentInstructionCasing', 'FROM a | ruN b | rUN c | run d', [2, 3, 4]);
says(
  'ConsistentInstructionCasing',
  'from a | run b | Run c',
  "Command 'Run' should match the case of the command majority (lowercase)",
);

fires('DuplicateStageName', 'FROM a AS x | FROM b AS X | FROM c AS x', [2, 3]);
fires('DuplicateStageName', 'FROM a | FROM b | FROM c AS x', []);

fires('ReservedStageName', 'FROM a AS scratch | FROM b AS Context | FROM c AS contexts', [1, 2]);

fires('JSONArgsRecommended', 'FROM a | CMD b | ENTRYPOINT c', [2, 3]);
fires('JSONArgsRecommended', 'FROM a | CMD ["b"] | HEALTHCHECK CMD c | RUN d', []);
fires('JSONArgsRecommended', 'FROM a | SHELL ["/bin/bash", "-c"] | CMD b', []);
fires('JSONArgsRecommended', 'FROM a | CMD b | SHELL ["/bin/bash", "-c"]', [2]);
fires('JSONArgsRecommended', 'FROM a AS x | SHELL ["/bin/bash", "-c"] | FROM x | CMD b', []);
fires('JSONArgsRecommended', 'FROM a | CMD b', [], {
  images: { 'docker.io/library/a:latest': { Shell: ['/bin/bash', '-c'] } },
});

fires('MaintainerDeprecated', 'FROM a | maintainer me | LABEL maintainer=me', [2]);

fires('UndefinedArgInFrom', 'FROM $A | FROM b:${B} | FROM --platform=$C d', [1, 2, 3]);
fires('UndefinedArgInFrom', 'ARG A=a | FROM $A | FROM --platform=$BUILDPLATFORM b-$TARGETARCH', []);
fires('UndefinedArgInFrom', 'ARG A | FROM ${A:-a}', []);
fires('UndefinedArgInFrom', 'FROM ${A:-a}', [1]);
fires('UndefinedArgInFrom', 'FROM ${A:-a}', [1], { buildArgs: { A: 'b' } });
fires('UndefinedArgInFrom', 'FROM a | ARG B=1 | FROM b:$B', [3]);
says(
  'UndefinedArgInFrom',
  'FROM --platform=$BUILDPLATFROM a',
  "FROM argument 'BUILDPLATFROM' is not declared (did you mean BUILDPLATFORM?)",
);

fires('WorkdirRelativePath', 'FROM a | WORKDIR b | WORKDIR c', [2]);
fires('WorkdirRelativePath', 'FROM a | WORKDIR /b | WORKDIR c', []);
fires('WorkdirRelativePath', 'FROM a AS x | WORKDIR /b | FROM x | WORKDIR c', []);
fires('WorkdirRelativePath', 'FROM a | ENV D=/d E=e | WORKDIR $D | FROM a | WORKDIR $E', [5]);
fires('WorkdirRelativePath', 'FROM a | WORKDIR b', [2], {
  images: { 'docker.io/library/a:latest': { WorkingDir: '/srv' } },
});

fires('UndefinedVar', 'FROM a | ENV B=$X | LABEL c=$X | COPY $X/d /e | WORKDIR /$X', [2, 3, 4, 5]);
fires('UndefinedVar', 'FROM a | USER $X | VOLUME /$X | STOPSIGNAL ${X}9 | ADD --chown=$X b c', [2, 3, 4, 5]);
fires('UndefinedVar', 'FROM a | COPY --chmod=$X b c | RUN --mount=type=cache,target=/$X d', [2, 3]);
fires('UndefinedVar', 'FROM a | COPY <<E /b | $X | E | COPY <<"E" /c | $X | E', [2]);
fires('UndefinedVar', 'FROM a | RUN echo $X | CMD echo $X | ENTRYPOINT $X | HEALTHCHECK CMD $X', []);
// BuildKit does not look at ports.
fires('UndefinedVar', 'FROM a | EXPOSE $X', []);
fires('UndefinedVar', 'FROM a | ARG X | ENV B=$X', []);
fires('UndefinedVar', 'ARG X=1 | FROM a | ENV B=$X', [3]);
fires('UndefinedVar', 'FROM a | ARG X | FROM b | ENV C=$X', [4]);
fires('UndefinedVar', 'FROM a AS x | ARG X | ENV Y=1 | FROM x | ENV C=$X$Y', []);
// Without an ARG the default is the only value that it can have.
fires('UndefinedVar', 'FROM a | ENV B=${X:-1}', [2]);
fires('UndefinedVar', 'FROM a | ARG X=${X:-1} | ARG Y=1 Z=$Y', [2]);
fires('UndefinedVar', 'FROM a | ARG X=$Y', [2]);
fires('UndefinedVar', 'FROM a | ARG X=$Y', [], { buildArgs: { X: '1' } });
fires('UndefinedVar', "FROM a | ENV B=\\$X C='$X'", []);
fires('UndefinedVar', 'FROM a | ENV PATH=/b:$PATH LIB=/c:$LIB', [2]);
fires('UndefinedVar', 'FROM scratch | ENV PATH=/b:$PATH', []);
fires('UndefinedVar', 'FROM a | ENV LIB=/c:$LIB', [], {
  images: { 'docker.io/library/a:latest': { Env: ['LIB=/d'] } },
});
fires('UndefinedVar', 'FROM a | ENV TARGET=$TARGETARCH | ARG TARGETARCH | ENV TARGET=$TARGETARCH', [2]);
fires('UndefinedVar', 'FROM a | ONBUILD ENV B=$X', []);
fires('UndefinedVar', 'FROM a AS x | ONBUILD ARG X=1 | FROM x | ENV B=$X', []);
fires('UndefinedVar', 'FROM a | ARG constructor | ENV B=$constructor C=$toString', [3]);

fires('MultipleInstructionsDisallowed', 'FROM a | CMD ["b"] | CMD ["c"] | CMD ["d"]', [2, 3]);
fires(
  'MultipleInstructionsDisallowed',
  'FROM a | HEALTHCHECK NONE | ENTRYPOINT ["b"] | HEALTHCHECK CMD c',
  [2],
);
fires('MultipleInstructionsDisallowed', 'FROM a AS x | CMD ["b"] | FROM x | CMD ["c"]', []);

fires('LegacyKeyValueFormat', 'FROM a | ENV b c | LABEL d e | ENV f=g | ARG h', [2, 3]);
says(
  'LegacyKeyValueFormat',
  'FROM a | env b c',
  '"env key=value" should be used instead of legacy "env key value" format',
);

fires('InvalidBaseImagePlatform', 'FROM arm-tools:1', [1]);
fires('InvalidBaseImagePlatform', 'FROM --platform=linux/arm64 arm-tools:1', []);
fires('InvalidBaseImagePlatform', 'FROM arm-tools:1 AS x | FROM x | FROM unknown | FROM scratch', [1]);
fires('InvalidBaseImagePlatform', 'FROM arm-tools:1 AS x | FROM scratch', [], { onlyReached: true });

fires(
  'RedundantTargetPlatform',
  'FROM --platform=$TARGETPLATFORM a | FROM --platform=${TARGETPLATFORM} a',
  [1, 2],
);
fires(
  'RedundantTargetPlatform',
  'FROM --platform=linux/$TARGETARCH a | FROM --platform=$BUILDPLATFORM a',
  [],
);

fires(
  'SecretsUsedInArgOrEnv',
  'FROM a | ARG API_TOKEN | ENV db_password=x OK=y | ARG KEY AUTH',
  [2, 3, 4, 4],
);
fires('SecretsUsedInArgOrEnv', 'FROM a | ARG PUBLIC_KEY TOKEN_FILE KEY_VERSION TOKENIZER MONKEY', []);
fires('SecretsUsedInArgOrEnv', 'ARG TOKEN=x | FROM a | LABEL token=x', []);

fires('InvalidDefaultArgInFrom', 'ARG A | FROM $A | FROM b:$A | FROM ${A:-c}', [2, 3]);
fires('InvalidDefaultArgInFrom', 'ARG A | FROM $A', [2], { buildArgs: { A: 'a' } });
fires('InvalidDefaultArgInFrom', 'ARG A=a | FROM $A | FROM scratch', []);
// The name of a stage above, in whatever case: no image is asked for.
fires('InvalidDefaultArgInFrom', 'FROM a AS x | FROM X', []);

fires(
  'FromPlatformFlagConstDisallowed',
  'FROM --platform=linux/amd64 a | FROM --platform=arm64 b AS c',
  [1, 2],
);
fires(
  'FromPlatformFlagConstDisallowed',
  'FROM --platform=linux/amd64 a AS on-amd64 | FROM --platform=linux/arm64 a AS for-linux',
  [],
);
fires(
  'FromPlatformFlagConstDisallowed',
  'FROM --platform=$BUILDPLATFORM a | FROM --platform=linux/$TARGETARCH a',
  [],
);

const logs = { ignore: '*.log\n/tmp\n' };
fires(
  'CopyIgnoredFile',
  'FROM a | COPY a.log /b | ADD ./tmp/x /y | COPY /tmp /z | COPY a.txt . /b/',
  [2, 3, 4],
  logs,
);
fires(
  'CopyIgnoredFile',
  'FROM a AS x | FROM b | COPY --from=x a.log /b | ADD https://h.test/a.log /b',
  [],
  logs,
);
fires('CopyIgnoredFile', 'FROM a | ENV F=a.log | COPY $F /b', [3], logs);
fires('CopyIgnoredFile', 'FROM a | COPY . /b | COPY / /b | COPY c /b', [2, 3, 4], { ignore: '**' });
fires('CopyIgnoredFile', 'FROM a | COPY a.log /b', [], { ignore: '*.log\n!b.log\n' });
says(
  'CopyIgnoredFile',
  'FROM a | ADD ./tmp/x /y',
  'Attempting to Add file "./tmp/x" that is excluded by .dockerignore',
  logs,
);

const experimental = { buildArgs: { BUILDKIT_DOCKERFILE_CHECK: 'experimental=all' } };
fires('InvalidDefinitionDescription', '# about it | ARG A=1 | # A is it | FROM a AS x', [2, 4], experimental);
fires('InvalidDefinitionDescription', '# A is it | ARG A=1 | # x is it | FROM a AS X', [], experimental);
fires('InvalidDefinitionDescription', '# about it |  | ARG A=1 | # it | # | FROM a AS x', [], experimental);
fires('InvalidDefinitionDescription', '# about it | FROM a | # about it | RUN b', [], experimental);
fires('InvalidDefinitionDescription', '# about it | ARG A=1 | FROM a', []);
says(
  'InvalidDefinitionDescription',
  '# two | ARG A B | FROM a',
  'Comment for ARG should follow the format: `# <arg_key> <description>`',
  experimental,
);

fires('ExposeProtoCasing', 'FROM a | ENV P=TCP | EXPOSE 80/TCP 81/tcp | EXPOSE 82/$P 83', [3, 4]);
fires(
  'ExposeInvalidFormat',
  'FROM a | EXPOSE 80 8080-8090/tcp | EXPOSE 8080:80 | EXPOSE 127.0.0.1::80',
  [3, 4],
);

test('there are twenty-two build checks, each with a name of its own', () => {
  assert.is(buildChecks.length, 22);
  assert.is(new Set(buildChecks.map(({ name }) => name)).size, 22);
  assert.equal(
    buildChecks.filter((rule) => rule.experimental).map(({ name }) => name),
    ['InvalidDefinitionDescription'],
  );
});

test.run();
