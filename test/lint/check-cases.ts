// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the language under test writes variables so.
// Where each of BuildKit's checks fires, and where it does not.
import type { CheckSettings } from './check-text.ts';

export interface CheckCases {
  /** A text, the lines of what is found, and what else is known. */
  hits: readonly (readonly [text: string, lines: readonly number[], settings?: CheckSettings])[];
  clean: readonly (readonly [text: string, settings?: CheckSettings])[];
  /** What is said of a text first. */
  says?: readonly (readonly [text: string, message: string, settings?: CheckSettings])[];
}

const image = (config: NonNullable<CheckSettings['images']>[string]): CheckSettings => ({
  images: { 'docker.io/library/a:latest': config },
});
const logs: CheckSettings = { ignore: '*.log\n/tmp\n' };
const experimental: CheckSettings = { buildArgs: { BUILDKIT_DOCKERFILE_CHECK: 'experimental=all' } };

export const checkCases: Readonly<Record<string, CheckCases>> = {
  StageNameCasing: {
    hits: [
      ['FROM a AS Base\nFROM b AS base2', [1]],
      ['FROM a AS bAse\nFROM b AS X', [1, 2]],
      ['from a as LAST', [1]],
      ['FROM --platform=$BUILDPLATFORM a AS Base', [1]],
    ],
    clean: [['FROM A\nFROM b AS c'], ['FROM a AS x-1.y_2'], ['FROM a AS base\nFROM Base']],
    says: [['FROM a AS Base', "Stage name 'Base' should be lowercase"]],
  },
  FromAsCasing: {
    hits: [
      ['FROM a as b', [1]],
      ['from a AS b', [1]],
      ['FROM --platform=$BUILDPLATFORM a \\\n  As b', [1]],
    ],
    clean: [
      ['from a as b\nFROM a AS c'],
      ['From a as d\nfRom a AS e'],
      ['FROM as\nFROM b'],
      ['FROM a\nFROM b'],
    ],
    says: [['from a AS b', "'AS' and 'from' keywords' casing do not match"]],
  },
  NoEmptyContinuation: {
    hits: [
      ['FROM a\nRUN b \\\n\n  c', [4]],
      ['FROM a\nRUN b \\\n\n\nCOPY c d', [5]],
      ['FROM a\nRUN <<E cat \\\n\n  -\n\nx\nE', [4]],
      ['FROM a\nENV b=c \\\n\n  d=e \\\n\n  f=g', [6]],
      ['FROM a\nENV b=c \\\n\n', [3]],
      ['FROM a\nENV b=c \\\n\n# comment\n', [4]],
    ],
    clean: [
      ['FROM a\nRUN b \\\n# comment\nc'],
      ['FROM a\nRUN b\n\nRUN c'],
      ['FROM a\nRUN <<E\n\nb\n\nE'],
      ['FROM a\nRUN b \\\n  c'],
    ],
  },
  ConsistentInstructionCasing: {
    hits: [
      ['FROM a\nRUN b\nrun c', [3]],
      ['from a\nrun b\nRUN c', [3]],
      ['FROM a\nrun b', [2]],
      ['FROM a\nruN b\nrUN c\nrun d', [2, 3, 4]],
    ],
    clean: [
      ['arg X=1\nFROM a\nRUN b'],
      ['from a\nrun b\nonbuild run c'],
      ['FROM a\nRUN b'],
      ['FROM a\nONBUILD run b'],
    ],
    says: [
      ['from a\nrun b\nRun c', "Command 'Run' should match the case of the command majority (lowercase)"],
      ['FROM a\nrun b', "Command 'run' should match the case of the command majority (uppercase)"],
    ],
  },
  DuplicateStageName: {
    hits: [
      ['FROM a AS x\nFROM b AS X\nFROM c AS x', [2, 3]],
      ['FROM a AS x\nFROM b AS y\nFROM c AS x', [3]],
      ['FROM a AS x\nFROM x AS x', [2]],
    ],
    clean: [['FROM a\nFROM b\nFROM c AS x'], ['FROM a AS x\nFROM b AS xx'], ['FROM a AS x\nFROM x']],
  },
  ReservedStageName: {
    hits: [
      ['FROM a AS scratch\nFROM b AS Context\nFROM c AS contexts', [1, 2]],
      ['FROM a AS context', [1]],
      ['FROM a\nFROM b AS SCRATCH', [2]],
    ],
    clean: [['FROM scratch'], ['FROM a AS scratch2'], ['FROM a AS b\nCOPY context /c']],
  },
  JSONArgsRecommended: {
    hits: [
      ['FROM a\nCMD b\nENTRYPOINT c', [2, 3]],
      ['FROM a\nCMD b\nSHELL ["/bin/bash", "-c"]', [2]],
      ['FROM a\nSHELL ["/bin/bash", "-c"]\nFROM a\nCMD b', [4]],
      ["FROM a\nCMD ['b']", [2]],
    ],
    clean: [
      ['FROM a\nCMD ["b"]\nHEALTHCHECK CMD c\nRUN d'],
      ['FROM a\nSHELL ["/bin/bash", "-c"]\nCMD b'],
      ['FROM a AS x\nSHELL ["/bin/bash", "-c"]\nFROM x\nCMD b'],
      ['FROM a\nCMD b', image({ Shell: ['/bin/bash', '-c'] })],
      ['FROM a\nONBUILD CMD b'],
    ],
  },
  MaintainerDeprecated: {
    hits: [
      ['FROM a\nmaintainer me\nLABEL maintainer=me', [2]],
      ['FROM a\nMAINTAINER "me <me@example.com>"', [2]],
      ['FROM a\nMAINTAINER b\nRUN c\nMAINTAINER d', [2, 4]],
    ],
    clean: [['FROM a\nLABEL maintainer=me'], ['FROM a\n# MAINTAINER me'], ['FROM a\nRUN echo MAINTAINER me']],
  },
  UndefinedArgInFrom: {
    hits: [
      ['FROM $A\nFROM b:${B}\nFROM --platform=$C d', [1, 2, 3]],
      ['FROM ${A:-a}', [1]],
      ['FROM ${A:-a}', [1], { buildArgs: { A: 'b' } }],
      ['FROM a\nARG B=1\nFROM b:$B', [3]],
    ],
    clean: [
      ['ARG A=a\nFROM $A\nFROM --platform=$BUILDPLATFORM b-$TARGETARCH'],
      ['ARG A\nFROM ${A:-a}'],
      ['FROM --platform=$BUILDPLATFORM a\nFROM b-$TARGETOS-$BUILDARCH'],
      ['ARG A=a\nARG B=$A\nFROM $B'],
    ],
    says: [
      [
        'FROM --platform=$BUILDPLATFROM a',
        "FROM argument 'BUILDPLATFROM' is not declared (did you mean BUILDPLATFORM?)",
      ],
      ['FROM $NOTHING', "FROM argument 'NOTHING' is not declared"],
    ],
  },
  WorkdirRelativePath: {
    hits: [
      ['FROM a\nWORKDIR b\nWORKDIR c', [2]],
      ['FROM a\nENV D=/d E=e\nWORKDIR $D\nFROM a\nENV E=e\nWORKDIR $E', [6]],
      ['FROM a\nWORKDIR b', [2], image({ WorkingDir: '/srv' })],
      ['FROM a AS x\nRUN b\nFROM x\nWORKDIR c', [4]],
    ],
    clean: [
      ['FROM a\nWORKDIR /b\nWORKDIR c'],
      ['FROM a AS x\nWORKDIR /b\nFROM x\nWORKDIR c'],
      ['FROM a\nARG D=/d\nWORKDIR $D'],
      ['FROM a\nONBUILD WORKDIR b'],
    ],
  },
  UndefinedVar: {
    hits: [
      ['FROM a\nENV B=$X\nLABEL c=$X\nCOPY $X/d /e\nWORKDIR /$X', [2, 3, 4, 5]],
      ['FROM a\nUSER $X\nVOLUME /$X\nSTOPSIGNAL ${X}9\nADD --chown=$X b c', [2, 3, 4, 5]],
      ['FROM a\nCOPY --chmod=$X b c\nRUN --mount=type=cache,target=/$X d', [2, 3]],
      ['FROM a\nADD --checksum=$X https://example.com/b /c', [2]],
      ['FROM a\nCOPY <<E /b\n$X\nE\nCOPY <<"E" /c\n$X\nE', [2]],
      ['ARG X=1\nFROM a\nENV B=$X', [3]],
      ['FROM a\nARG X\nFROM b\nENV C=$X', [4]],
      // Without an ARG the default is the only value that it can have.
      ['FROM a\nENV B=${X:-1}', [2]],
      ['FROM a\nARG X=${X:-1}\nARG Y=1 Z=$Y', [2]],
      ['FROM a\nARG X=$Y', [2]],
      ['FROM a\nENV PATH=/b:$PATH LIB=/c:$LIB', [2]],
      ['FROM a\nENV TARGET=$TARGETARCH\nARG TARGETARCH\nENV TARGET=$TARGETARCH', [2]],
      ['FROM a\nARG constructor\nENV B=$constructor C=$toString', [3]],
    ],
    clean: [
      ['FROM a\nRUN echo $X\nCMD echo $X\nENTRYPOINT $X\nHEALTHCHECK CMD $X'],
      // BuildKit does not look at ports.
      ['FROM a\nEXPOSE $X'],
      ['FROM a\nARG X\nENV B=$X'],
      ['FROM a AS x\nARG X\nENV Y=1\nFROM x\nENV C=$X$Y'],
      ['FROM a\nARG X=$Y', { buildArgs: { X: '1' } }],
      ["FROM a\nENV B=\\$X C='$X'"],
      ['FROM scratch\nENV PATH=/b:$PATH'],
      ['FROM a\nENV LIB=/c:$LIB', image({ Env: ['LIB=/d'] })],
      ['FROM a\nONBUILD ENV B=$X'],
      ['FROM a AS x\nONBUILD ARG X=1\nFROM x\nENV B=$X'],
    ],
    says: [
      ['FROM a\nENV NAME=1 B=\nENV B=$NAEM', "Usage of undefined variable '$NAEM' (did you mean $NAME?)"],
      ['FROM a\nARG NAME\nENV B=$OTHER', "Usage of undefined variable '$OTHER'"],
    ],
  },
  MultipleInstructionsDisallowed: {
    hits: [
      ['FROM a\nCMD ["b"]\nCMD ["c"]\nCMD ["d"]', [2, 3]],
      ['FROM a\nHEALTHCHECK NONE\nENTRYPOINT ["b"]\nHEALTHCHECK CMD c', [2]],
      ['FROM a\nENTRYPOINT ["b"]\nRUN c\nENTRYPOINT ["d"]', [2]],
    ],
    clean: [
      ['FROM a AS x\nCMD ["b"]\nFROM x\nCMD ["c"]'],
      ['FROM a\nCMD ["b"]\nENTRYPOINT ["c"]\nHEALTHCHECK NONE'],
      ['FROM a\nCMD ["b"]\nONBUILD CMD ["c"]'],
    ],
    says: [
      [
        'FROM a\nCMD ["b"]\nCMD ["c"]',
        'Multiple CMD instructions should not be used in the same stage because only the last one will be used',
      ],
    ],
  },
  LegacyKeyValueFormat: {
    hits: [
      ['FROM a\nENV b c\nLABEL d e\nENV f=g\nARG h', [2, 3]],
      ['FROM a\nENV b c d=e', [2]],
      ['FROM a\nenv b \\\n  c', [2]],
    ],
    clean: [['FROM a\nENV b=c d=e'], ['FROM a\nLABEL "b"="c d"'], ['FROM a\nARG b\nONBUILD ENV c d']],
    says: [
      ['FROM a\nenv b c', '"env key=value" should be used instead of legacy "env key value" format'],
      ['FROM a\nLABEL b c', '"LABEL key=value" should be used instead of legacy "LABEL key value" format'],
    ],
  },
  InvalidBaseImagePlatform: {
    hits: [
      ['FROM arm-tools:1', [1]],
      ['FROM arm-tools:1 AS x\nFROM x\nFROM unknown\nFROM scratch', [1]],
      ['FROM --platform=linux/amd64 arm-tools:1', [1]],
    ],
    clean: [
      ['FROM --platform=linux/arm64 arm-tools:1'],
      ['FROM arm-tools:1 AS x\nFROM scratch', { onlyReached: true }],
      ['FROM unknown:1'],
    ],
  },
  RedundantTargetPlatform: {
    hits: [
      ['FROM --platform=$TARGETPLATFORM a\nFROM --platform=${TARGETPLATFORM} a', [1, 2]],
      ['FROM --platform=${TARGETPLATFORM} a AS b', [1]],
      ['FROM a\nFROM --platform="$TARGETPLATFORM" b', [2]],
    ],
    clean: [
      ['FROM --platform=linux/$TARGETARCH a\nFROM --platform=$BUILDPLATFORM a'],
      ['ARG P=linux\nFROM --platform=$P a'],
      ['FROM a'],
    ],
  },
  SecretsUsedInArgOrEnv: {
    hits: [
      ['FROM a\nARG API_TOKEN\nENV db_password=x OK=y\nARG KEY AUTH', [2, 3, 4, 4]],
      ['FROM a\nENV APIKEY=1 CREDENTIALS=2 PASSWD=3 PWORD=4 SECRET=5', [2, 2, 2, 2, 2]],
      ['FROM a\nENV A=1 \\\n  MY_CREDENTIAL=2', [2]],
    ],
    clean: [
      ['FROM a\nARG PUBLIC_KEY TOKEN_FILE KEY_VERSION TOKENIZER MONKEY'],
      ['ARG TOKEN=x\nFROM a\nLABEL token=x'],
      ['FROM a\nENV PASSWORDS=1 SECRETARY=2'],
      ['FROM a\nONBUILD ENV TOKEN=1'],
    ],
    says: [
      ['FROM a\nARG API_TOKEN', 'Do not use ARG or ENV instructions for sensitive data (ARG "API_TOKEN")'],
    ],
  },
  InvalidDefaultArgInFrom: {
    hits: [
      ['ARG A\nFROM $A\nFROM b:$A\nFROM ${A:-c}', [2, 3]],
      ['ARG A\nFROM $A', [2], { buildArgs: { A: 'a' } }],
      ['ARG A=B:c:d\nFROM $A', [2]],
    ],
    clean: [
      ['ARG A=a\nFROM $A\nFROM scratch'],
      // The name of a stage above, in whatever case: no image is asked for.
      ['FROM a AS x\nFROM X'],
      ['ARG A=1\nFROM b:${A}-slim'],
    ],
  },
  FromPlatformFlagConstDisallowed: {
    hits: [
      ['FROM --platform=linux/amd64 a\nFROM --platform=arm64 b AS c', [1, 2]],
      ['FROM --platform=linux/arm64 a AS on-amd64', [1]],
      ['FROM --platform=windows a', [1]],
    ],
    clean: [
      ['FROM --platform=linux/amd64 a AS on-amd64\nFROM --platform=linux/arm64 a AS for-linux'],
      ['FROM --platform=$BUILDPLATFORM a\nFROM --platform=linux/$TARGETARCH a'],
      ['FROM a'],
    ],
  },
  CopyIgnoredFile: {
    hits: [
      ['FROM a\nCOPY a.log /b\nADD ./tmp/x /y\nCOPY /tmp /z\nCOPY a.txt . /b/', [2, 3, 4], logs],
      ['FROM a\nENV F=a.log\nCOPY $F /b', [3], logs],
      ['FROM a\nCOPY . /b\nCOPY / /b\nCOPY c /b', [2, 3, 4], { ignore: '**' }],
      ['FROM a\nCOPY . /b\nCOPY / /c', [2, 3], { ignore: '*' }],
    ],
    clean: [
      ['FROM a AS x\nFROM b\nCOPY --from=x a.log /b\nADD https://h.test/a.log /b', logs],
      ['FROM a\nCOPY a.log /b', { ignore: '*.log\n!b.log\n' }],
      ['FROM a\nCOPY . /b', logs],
      ['FROM a\nCOPY a.log /b'],
    ],
    says: [
      ['FROM a\nADD ./tmp/x /y', 'Attempting to Add file "./tmp/x" that is excluded by .dockerignore', logs],
      ['FROM a\nCOPY a.log /y', 'Attempting to Copy file "a.log" that is excluded by .dockerignore', logs],
    ],
  },
  InvalidDefinitionDescription: {
    hits: [
      ['# about it\nARG A=1\n# A is it\nFROM a AS x', [2, 4], experimental],
      ['# x is it\n# about it\nFROM a AS x', [3], experimental],
      ['FROM a\n# about it\nARG B', [3], experimental],
    ],
    clean: [
      ['# A is it\nARG A=1\n# x is it\nFROM a AS X', experimental],
      ['# about it\n\nARG A=1\n# it\n#\nFROM a AS x', experimental],
      ['# about it\nFROM a\n# about it\nRUN b', experimental],
      ['# about it\nARG A=1\nFROM a'],
    ],
    says: [
      [
        '# two\nARG A B\nFROM a',
        'Comment for ARG should follow the format: `# <arg_key> <description>`',
        experimental,
      ],
    ],
  },
  ExposeProtoCasing: {
    hits: [
      ['FROM a\nENV P=TCP\nEXPOSE 80/TCP 81/tcp\nEXPOSE 82/$P 83', [3, 4]],
      ['FROM a\nEXPOSE 53/Udp', [2]],
      ['FROM a\nEXPOSE 80-90/TCP', [2]],
    ],
    clean: [
      ['FROM a\nEXPOSE 80/tcp 53/udp 9/sctp'],
      ['FROM a\nEXPOSE 80'],
      ['FROM a\nONBUILD EXPOSE 80/TCP'],
    ],
  },
  ExposeInvalidFormat: {
    hits: [
      ['FROM a\nEXPOSE 80 8080-8090/tcp\nEXPOSE 8080:80\nEXPOSE 127.0.0.1::80', [3, 4]],
      ['FROM a\nEXPOSE 127.0.0.1:80:80/tcp', [2]],
      ['FROM a\nEXPOSE 80 81:82', [2]],
    ],
    clean: [['FROM a\nEXPOSE 80/tcp'], ['FROM a\nEXPOSE 8000-8010'], ['FROM a\nONBUILD EXPOSE 1:2']],
  },
};
