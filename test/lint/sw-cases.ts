// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the language under test writes variables so.
// Where the rules of our own fire, and where they do not. A text that has no FROM gets `FROM debian:12` as its first line.
import type { LintSettings } from '../../src/lint/settings.ts';
import type { RuleCases } from './dl-cases.ts';

/** Put together here, so that nobody finds a secret in this file. */
const madeUp = (start: string, length: number) => start + 'Ab3'.repeat(20).slice(0, length);

/** Builds that noted seconds of some steps, and of all others; each COPY read so many files. */
export function noted(
  seconds: Readonly<Record<string, number>>,
  others: { RUN: number; COPY: number },
): NonNullable<LintSettings['history']> {
  return {
    find: (name) => ({
      seconds: seconds[name] ?? others.RUN,
      files: () => (name.startsWith('COPY package') ? 2 : others.COPY),
    }),
  };
}

/** What `--fix=all` makes of a text, for rules that have a fix. */
export interface OwnCases extends RuleCases {
  fixes?: readonly (readonly [before: string, after: string])[];
}

export const swCases: Readonly<Record<string, OwnCases>> = {
  SW001: {
    hits: [
      ['WORKDIR /a\nCOPY . .\nRUN npm ci', '3:1'],
      ['COPY ./ /a/\nENV A=1\nRUN cd /a && pip install --no-cache-dir -r requirements.txt', '2:1'],
      ['ADD * /a/\nRUN bundle install', '2:1'],
      ['COPY --chown=1:1 . /a\nRUN go mod download && go build', '2:1'],
      ['COPY . /a\nRUN mvn -B dependency:go-offline', '2:1'],
      ['COPY . /a\nRUN yarn', '2:1'],
    ],
    clean: [
      'COPY package*.json ./\nRUN npm ci\nCOPY . .\nRUN npm ci --omit=dev',
      'COPY . .\nRUN npm install -g tool@1',
      'COPY . .\nRUN pip install .',
      'COPY . .\nRUN go build ./...',
      'COPY src /a\nRUN npm ci',
      'FROM a:1 AS x\nCOPY . .\nFROM b:1\nCOPY --from=x /a .\nRUN npm ci',
    ],
    fixes: [
      [
        'COPY --chown=1 . .\nRUN npm ci\nUSER 1\n',
        'COPY --chown=1 package*.json ./\nRUN npm ci\nCOPY --chown=1 . .\nUSER 1\n',
      ],
      [
        'WORKDIR /a\r\nCOPY . /a\r\nRUN go mod download',
        'WORKDIR /a\r\nCOPY go.mod go.sum /a/\r\nRUN go mod download\r\nCOPY . /a',
      ],
      ['COPY . .\nRUN make && npm ci\n', 'COPY . .\nRUN make && npm ci\n'],
    ],
  },
  SW002: {
    settings: { ignorePatterns: [] },
    hits: [
      ['COPY . /a', '2:1'],
      ['ADD ./ /a/\nCOPY . /b', '2:1'],
      ['COPY --chown=1 * /a/', '2:1'],
    ],
    clean: ['COPY src /a', 'FROM a:1 AS x\nFROM b:1\nCOPY --from=x . /a', 'RUN cp -r . /a'],
  },
  SW003: {
    hits: [
      ['COPY .env /a/', '2:6'],
      ['COPY a.txt conf/id_rsa /a/', '2:12'],
      ['COPY npm /root/.npmrc', '2:10'],
      ['ADD .aws /root/.aws', '2:5'],
      ['COPY ["tls/server.key", "/a/"]', '2:8'],
      ['COPY .env.production server.pem /a/', '2:6'],
    ],
    clean: [
      'COPY .env.example /a/.env.dist',
      'COPY ca.pem certs/fullchain.pem /a/',
      'COPY src/env.ts /a/',
      'ADD .ssh/authorized_keys /root/.ssh/authorized_keys',
      'FROM a:1 AS x\nFROM b:1\nCOPY --from=x /root/.npmrc /x',
      'RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci',
    ],
  },
  SW004: {
    hits: [
      ['COPY run.sh /run.sh\nRUN chmod +x /run.sh', '3:5'],
      ['WORKDIR /a\nCOPY run.sh .\nRUN ls && chmod 0755 run.sh', '4:11'],
      ['COPY a b /x/\nRUN chmod -R 755 /x', '3:5'],
      ['FROM scratch\nCOPY a /b\nRUN chmod -x /b', '3:5'],
    ],
    clean: [
      'COPY --chmod=755 run.sh /run.sh\nRUN chmod +x /run.sh',
      'COPY run.sh /run.sh\nRUN chmod +x /other',
      'RUN touch /x && chmod 600 /x',
      'COPY run.sh /run.sh\nRUN chmod $mode /run.sh',
    ],
    fixes: [
      ['COPY run.sh /run.sh\nRUN chmod +x /run.sh\nUSER 1\n', 'COPY --chmod=755 run.sh /run.sh\nUSER 1\n'],
      ['COPY r /r\nRUN chmod +x /r && ls\n', 'COPY r /r\nRUN chmod +x /r && ls\n'],
    ],
  },
  SW005: {
    hits: [
      ['COPY . /a\nRUN chown -R app:app /a', '3:5'],
      ['WORKDIR /a\nCOPY src src\nRUN useradd -r app && chown -R app /a', '4:23'],
      ['COPY f /a/f\nRUN chown 1:1 /a/f', '3:5'],
    ],
    clean: [
      'COPY --chown=app:app . /a\nRUN chown -R app:app /a',
      'RUN mkdir /a && chown -R app /a',
      'COPY . /a\nRUN chown app /b',
      'COPY . /a/b\nRUN chown app /a',
    ],
    fixes: [['COPY . /a\nRUN chown -R app:app /a\nUSER 1\n', 'COPY --chown=app:app . /a\nUSER 1\n']],
  },
  SW006: {
    hits: [
      ['RUN <<EOF\nmake\nmake install\nEOF', '3:1'],
      ['RUN <<-EOF\n\t#!/bin/bash\n\tmake\n\tls\n\tEOF', '4:2'],
      ['RUN <<EOF bash\nif a; then b; fi\nls\nEOF', '3:1'],
    ],
    clean: [
      'RUN <<EOF\nset -e\nmake\nls\nEOF',
      'RUN <<EOF\nset -euo pipefail\nmake\nls\nEOF',
      'RUN <<EOF\n#!/bin/sh -e\nmake\nls\nEOF',
      'RUN <<EOF\nmake && \\\n  ls\nEOF',
      'SHELL ["/bin/bash", "-eo", "pipefail", "-c"]\nRUN <<EOF\nmake\nls\nEOF',
      'RUN <<EOF python3\nimport a\nimport b\nEOF',
      'RUN a; b',
    ],
    fixes: [
      ['RUN <<EOF\nmake\nls\nEOF\n', 'RUN <<EOF\nset -e\nmake\nls\nEOF\n'],
      ['RUN <<EOF\n#!/bin/sh\nmake\nls\nEOF\n', 'RUN <<EOF\n#!/bin/sh\nset -e\nmake\nls\nEOF\n'],
    ],
  },
  SW007: {
    hits: [
      ['FROM a:1\nRUN b\nFROM c:1', '1:1'],
      ['FROM a:1 AS builder\nRUN b\nFROM c:1\nCOPY x /y', '1:1'],
      ['FROM a:1 AS build\nFROM c:1 AS node-deps\nFROM d:1\nCOPY --from=0 /a /b', '2:1'],
    ],
    clean: [
      'FROM a:1 AS builder\nFROM c:1\nCOPY --from=builder /a /b',
      'FROM a:1 AS test\nRUN b\nFROM c:1',
      'FROM a:1\nRUN b\nFROM c:1\nRUN --mount=from=0,target=/a b',
      'FROM a:1 AS base\nFROM base AS dev\nFROM c:1',
    ],
  },
  SW008: {
    hits: [
      ['COPY go.mod .\nRUN go mod download', '3:5'],
      ['RUN ls && cargo build --release', '2:11'],
      ['RUN npm ci', '2:5'],
      ['RUN --mount=type=bind,target=/x mvn -B package', '2:33'],
    ],
    clean: [
      'RUN --mount=type=cache,target=/root/.npm npm ci',
      'RUN npm ci && npm cache clean --force',
      'RUN npm run build',
      'RUN uv pip install --no-cache -r r.txt',
    ],
    fixes: [['RUN npm ci\n', 'RUN --mount=type=cache,target=/root/.npm npm ci\n']],
  },
  SW009: {
    hits: [
      ['ADD https://example.com/a.tar.gz /a/', '2:5'],
      ['ADD --chown=1 http://example.com/a /a', '2:15'],
      ['ADD ["https://example.com/a", "/a"]', '2:7'],
    ],
    clean: [
      'ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.com/a /a',
      'ADD a.tar.gz /a',
      'ADD https://example.com/a.git#v1 /a',
    ],
  },
  SW010: {
    hits: [
      ['ARG BUILD_DATE\nRUN apt-get update && apt-get install -y a=1', '2:5'],
      ['ARG VERSION=1 GIT_COMMIT=x\nCOPY package.json .\nRUN npm ci\nLABEL c=$GIT_COMMIT', '2:15'],
      ['ARG VCS_REF\nRUN apk add --no-cache a=1', '2:5'],
    ],
    clean: [
      'RUN apk add --no-cache a=1\nARG VCS_REF',
      'ARG VCS_REF\nRUN echo $VCS_REF && apk add --no-cache a=1',
      'ARG VERSION\nRUN apk add --no-cache a=1',
      'ARG VCS_REF\nFROM b:1\nRUN apk add --no-cache a=1',
      'ARG GIT_SHA\nRUN echo ${GIT_SHA}\nRUN npm ci',
    ],
    fixes: [
      [
        'ARG VCS_REF\nRUN npm ci\n# why\nLABEL a=$VCS_REF\n',
        'RUN npm ci\nARG VCS_REF\n# why\nLABEL a=$VCS_REF\n',
      ],
    ],
  },
  SW011: {
    hits: [
      ['RUN npm ci --production', '2:12'],
      ['RUN gem install --no-ri --no-rdoc a:1', '2:17'],
      ['RUN apt-get install -y --force-yes a=1', '2:24'],
      ['RUN composer install --no-suggest', '2:22'],
    ],
    clean: [
      'RUN npm ci --omit=dev',
      'RUN npm run x --production',
      'RUN gem install --no-document a:1',
      'RUN yarn install --production',
    ],
    fixes: [
      ['RUN gem install --no-ri --no-rdoc a:1\n', 'RUN gem install --no-document a:1\n'],
      ['RUN npm ci --only=prod && npm cache clean\n', 'RUN npm ci --omit=dev && npm cache clean\n'],
    ],
  },
  SW012: {
    hits: [
      [`ENV A=AKIA${'ABCD'.repeat(4)}`, '2:7'],
      [`RUN a && \\\n  b ${madeUp('ghp_', 36)}`, '3:5'],
      ['RUN git clone https://me:hunter2@example.com/a', '2:15'],
      ['RUN <<EOF\n-----BEGIN RSA PRIVATE KEY-----\nEOF', '3:1'],
    ],
    clean: [
      'ENV A=AKIA',
      'RUN git clone https://$user:$token@example.com/a',
      'RUN git clone https://me@example.com:8080/a',
      'RUN echo -----BEGIN PUBLIC KEY-----',
    ],
  },
  SW013: {
    settings: { history: noted({ 'RUN quick': 1 }, { RUN: 41, COPY: 312 }) },
    hits: [
      ['WORKDIR /a\nCOPY . .\nRUN npm ci', '3:1'],
      ['WORKDIR /a\nCOPY src src\nRUN apt-get update && apt-get install -y git', '3:1'],
      ['COPY package.json /a/\nCOPY . /a\nRUN cd /a && go mod download', '3:1'],
      ['ARG GIT_SHA\nRUN pip install torch', '2:5'],
      ['ENV BUILD_DATE=x\nRUN curl -o /a https://example.com/a', '2:5'],
      ['COPY . /a\nRUN curl -o /b https://example.com/a && tar -C /c -xf /b', '2:1'],
    ],
    clean: [
      'COPY package*.json ./\nRUN npm ci\nCOPY . .',
      'COPY . .\nRUN make',
      'COPY . .\nRUN npm ci && npm run build',
      'COPY . /a\nRUN pip install /a',
      'COPY . /a\nRUN pip install ./a',
      'COPY certs /usr/local/share/ca-certificates\nRUN update-ca-certificates && apk add git',
      'COPY lists /lists\nRUN apt-get install -y a -o Dir::Etc::sourceparts=/lists',
      'ARG GIT_SHA\nRUN pip install app==$GIT_SHA',
      'ARG VERSION\nRUN pip install torch',
      'FROM a:1 AS x\nCOPY . .\nFROM b:1\nCOPY --from=x /a .\nRUN npm ci',
    ],
  },
};
