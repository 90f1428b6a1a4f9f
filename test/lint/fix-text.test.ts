// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the language under test writes variables so.
// What a mended text looks like, at each level.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type FixLevel, fixText } from '../../src/lint/fix-text.ts';
import type { LintSettings } from '../../src/lint/settings.ts';
import type { ContainerConfig } from '../../src/oci/config.ts';

const test = suite('lint/fix-text');

const mend = (text: string, level: FixLevel = 'safe', settings: LintSettings = {}) =>
  fixText(text, 'Dockerfile', { level, settings }).text;

/** Texts without a FROM get one. Nothing else of the text may change. */
function becomes(before: string, after: string, level: FixLevel = 'safe', settings: LintSettings = {}): void {
  test(`${level}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`, () => {
    const whole = (text: string) => (/^from /im.test(text) ? text : `FROM a:1\n${text}`);
    assert.is(mend(whole(before), level, settings), whole(after));
    assert.is(mend(whole(after), level, settings), whole(after), 'again');
  });
}

const stays = (text: string, level: FixLevel = 'safe') => becomes(text, text, level);

becomes('from a:1 as b\nRUN c\nRUN d e && f\n', 'FROM a:1 AS b\nRUN c\nRUN d e && f\n');
becomes('from a:1 AS b\nrun c\n', 'from a:1 as b\nrun c\n');
becomes('FROM a:1 \\\n# x\n as b', 'FROM a:1 \\\n# x\n AS b');
becomes(
  'FROM a:1 AS Base\nFROM BASE as B\nCOPY --chown=1 --from=base /x /y\nRUN --mount=type=bind,from=Base,target=/x y\nCOPY --from=Base /x /y',
  'FROM a:1 AS base\nFROM base AS b\nCOPY --chown=1 --from=base /x /y\nRUN --mount=type=bind,from=base,target=/x y\nCOPY --from=base /x /y',
);

becomes('RUN a \\\n\n # c\n\n\n  b\r\n', 'RUN a \\\n # c\n  b\r\n');
becomes('RUN a <<E \\\n\n -x\n\nE\n', 'RUN a <<E \\\n -x\n\nE\n');

becomes('ENV a b', 'ENV a=b');
becomes('ENV a  b  $c d \nLABEL x  y=z', 'ENV a="b  $c d" \nLABEL x=y=z');
becomes('ENV a "b c"', 'ENV a="b c"');
becomes('ENV a "b c" d', 'ENV a="b c"\\ d');
becomes('# escape=`\nFROM a:1\nENV a b` c "d" e', '# escape=`\nFROM a:1\nENV a=b` c` "d"` e');
becomes('ENV a b \\\n  # c\n  d', 'ENV a="b \\\n  # c\n  d"');
stays("ENV a it's so");
stays('ENV a \\\n  b c');
becomes('ENV a b\\', 'ENV a=b\\');

becomes('MAINTAINER me', 'LABEL org.opencontainers.image.authors="me"');
becomes('MAINTAINER "me" <$x>', 'LABEL org.opencontainers.image.authors=\'"me" <$x>\'');
becomes('MAINTAINER "it\'s" \\n $me', 'LABEL org.opencontainers.image.authors="\\"it\'s\\" \\\\n \\$me"');

becomes('CMD node  server.js', 'CMD ["node",  "server.js"]');
becomes('ENTRYPOINT exec a "b c" \'d\'e', 'ENTRYPOINT ["a", "b c", "de"]');
becomes('CMD a \\\n  # why\n  -b', 'CMD ["a", \\\n  # why\n  "-b"]');
for (const line of [
  'a $b',
  'a && b',
  'a > b',
  'a *',
  'a ~/b',
  'A=1 b',
  'cd /x',
  'a `b`',
  'a "$b"',
  'a \\"b',
  'a;b',
])
  stays(`CMD ${line}`, 'all');
stays('SHELL ["/bin/bash", "-c"]\nCMD a');
stays('CMD echo a');
stays('ENTRYPOINT ["a"]\nCMD b');
becomes('ENTRYPOINT ["a"]\nCMD b', 'ENTRYPOINT ["a"]\nCMD ["b"]', 'all');
becomes(
  'FROM a:1 AS b\nCMD c\nFROM b\nENTRYPOINT d',
  'FROM a:1 AS b\nCMD ["c"]\nFROM b\nENTRYPOINT ["d"]',
  'all',
);

becomes('EXPOSE 80/TCP 81/Udp $p/TCP', 'EXPOSE 80/tcp 81/udp $p/TCP');
becomes('EXPOSE 127.0.0.1:8080:80/tcp 90:91', 'EXPOSE 80/tcp 91');

becomes('FROM --platform=$TARGETPLATFORM  a:1', 'FROM a:1');
becomes('FROM \\\n --platform=${TARGETPLATFORM} \\\n a:1', 'FROM \\\n \\\n a:1');
stays('FROM --platform=linux/arm64 a:1');
becomes('FROM --platform=linux/arm64 a:1', 'FROM a:1', 'all');

becomes('FROM scratch\nWORKDIR a\nWORKDIR b', 'FROM scratch\nWORKDIR /a\nWORKDIR /a/b');
stays('WORKDIR a');
becomes('WORKDIR ./a', 'WORKDIR /a', 'all');
becomes('FROM scratch\nCOPY a "b"', 'FROM scratch\nCOPY a "/b"');
becomes('COPY a b /c', 'COPY a b /c/');
becomes('COPY ["a", "b", "/c"]', 'COPY ["a", "b", "/c/"]');

becomes('CMD ["a"]\n# b\nCMD ["c"]\n', '# b\nCMD ["c"]\n', 'all');
becomes('HEALTHCHECK NONE\nHEALTHCHECK CMD ["c"]', 'HEALTHCHECK CMD ["c"]', 'all');
becomes('ENV abc=1\nUSER 1\nENV d=$abd', 'ENV abc=1\nUSER 1\nENV d=$abc', 'all');
becomes('ARG BASE=a:1\nFROM ${BASF}\n', 'ARG BASE=a:1\nFROM ${BASE}\n', 'all');
becomes('RUN sudo ls', 'RUN ls', 'all');
stays('RUN sudo -u x ls', 'all');
becomes('USER root', 'USER 0', 'all');

becomes('RUN apt-get update', 'RUN apt-get update && rm -rf /var/lib/apt/lists/*', 'all');
becomes(
  'RUN yum install -y a-1 \\\n  b-1\r\n',
  'RUN yum install -y a-1 \\\n  b-1 \\\r\n    && yum clean all\r\n',
  'all',
);
stays('RUN apt-get update || true', 'all');
becomes('RUN a\n\n# why\nRUN b c\n', 'RUN a \\\n# why\n    && b c\n', 'all');
stays('RUN cd /x\nRUN b', 'all');
stays('RUN a\n# hadolint ignore=DL3008\nRUN b\n', 'all');
becomes(
  '# a is it\nARG a=1\nFROM b:1\n# a stage\nFROM a:1 AS c\n',
  '# a is it\nARG a=1\nFROM b:1\n# c a stage\nFROM a:1 AS c\n',
  'all',
  { severities: { InvalidDefinitionDescription: 'info' } },
);

test('what is known of a base image decides what is safe', () => {
  const mendOn = (text: string, config: ContainerConfig) => {
    const image = {
      os: 'linux',
      architecture: 'amd64',
      config,
      rootfs: { type: 'layers' as const, diff_ids: [] },
    };
    return mend(text, 'safe', { bases: { get: () => ({ config: image }) } });
  };
  const text = 'FROM a:1\nCOPY b c/\nCMD d e\n';
  assert.is(mendOn(text, {}), 'FROM a:1\nCOPY b /c/\nCMD ["d", "e"]\n');
  assert.is(mendOn(text, { Entrypoint: ['/start'] }), 'FROM a:1\nCOPY b /c/\nCMD d e\n');
});

test('a byte order mark, carriage returns and a missing line break at the end stay', () => {
  assert.is(mend('\ufefffrom a:1 AS b\r\nRUN c'), '\ufeffFROM a:1 AS b\r\nRUN c');
});

test('what a comment silences is not mended', () => {
  const text =
    'FROM a:1\n# hadolint ignore=DL4000\nMAINTAINER me\n# check=skip=LegacyKeyValueFormat\nENV a b\n';
  assert.is(mend(text), text);
  assert.is(mend(text, 'safe', { severities: { DL4000: 'off', MaintainerDeprecated: 'off' } }), text);
});

test("in another linter's place what that one reports is mended", () => {
  const text = 'FROM a:1\nMAINTAINER me\nRUN apk add a=1 && apk add b=1\nENV a b\n';
  assert.is(
    mend(text, 'safe', { compat: 'hadolint' }),
    'FROM a:1\nLABEL org.opencontainers.image.authors="me"\nRUN apk add --no-cache a=1 && apk add --no-cache b=1\nENV a b\n',
  );
  assert.is(
    mend(text, 'safe', { compat: 'buildkit' }),
    'FROM a:1\nLABEL org.opencontainers.image.authors="me"\nRUN apk add a=1 && apk add b=1\nENV a=b\n',
  );
});

test('what was found and what is left is told', () => {
  const { before, findings } = fixText('FROM a\nMAINTAINER me\n', 'Dockerfile', { level: 'all' });
  assert.equal(
    [before, findings].map((list) => list.map(({ rule }) => rule)),
    [['DL3006', 'DL4000'], ['DL3006']],
  );
});

test.run();
