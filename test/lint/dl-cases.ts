// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the language under test writes variables so.
// Where the rules with hadolint's codes fire, and where they do not. A text that has no FROM gets `FROM debian:12` as its
// first line. A hit is a text and the places, `line:column`, of what is found by default.
import type { LintSettings } from '../../src/lint/settings.ts';

export interface RuleCases {
  hits: readonly (readonly [text: string, ...places: string[]])[];
  clean: readonly string[];
  /** Texts on which hadolint and we differ: ours is right. Lines that hadolint reports. */
  compat?: readonly (readonly [text: string, ...lines: number[]])[];
  settings?: LintSettings;
}

const schema = (type: 'url' | 'rfc3339' | 'spdx' | 'hash' | 'semver' | 'email' | 'text'): LintSettings => ({
  labelSchema: { it: type },
});

export const dlCases: Readonly<Record<string, RuleCases>> = {
  DL1001: {
    settings: { severities: { DL1001: 'info' } },
    hits: [
      ['# hadolint ignore=DL3008\nRUN a', '2:1'],
      ['# hadolint   ignore = DL3008 , SC2086 # why\nRUN a', '2:1'],
      ['RUN a\n# hadolint ignore=DL3007\n\nRUN b', '3:1'],
    ],
    clean: [
      '# hadolint global ignore=DL3008',
      '# hadolint stage ignore=DL3008\nFROM b:1',
      'RUN a \\\n# hadolint ignore=DL3008\n b',
      '# hadolint ignore=not a code',
    ],
  },
  DL3000: {
    hits: [
      ['WORKDIR srv', '2:9'],
      ['WORKDIR "srv/app"', '2:9'],
      ['FROM a:1 AS x\nWORKDIR /srv\nFROM b:1\nWORKDIR app', '4:9'],
      ['WORKDIR a', '2:9'],
    ],
    clean: [
      'WORKDIR /srv',
      'WORKDIR "/srv"',
      'ARG D=/d\nWORKDIR $D',
      'WORKDIR C:\\\\app',
      'WORKDIR /srv\nWORKDIR app',
      'FROM a:1 AS x\nWORKDIR /srv\nFROM x\nWORKDIR app',
    ],
    compat: [
      ['FROM a:1 AS x\nWORKDIR /srv\nFROM x\nWORKDIR app', 4],
      ['WORKDIR /srv\nWORKDIR app', 3],
    ],
  },
  DL3001: {
    hits: [
      ['RUN ps aux', '2:5'],
      ['RUN a && service nginx start', '2:10'],
      ['RUN echo $(top -b)', '2:12'],
      ['RUN if a; then mount /b; fi', '2:16'],
      ['ONBUILD RUN vim x', '2:13'],
    ],
    clean: ['RUN apt-get install -y vim', 'RUN echo ssh', 'RUN /usr/bin/top', 'CMD ssh a'],
  },
  DL3002: {
    hits: [
      ['USER root', '2:6'],
      ['USER nobody\nUSER 0:0', '3:1'],
      ['USER root:root\nRUN a', '2:6'],
      ['USER 0\nRUN a\nUSER root', '4:6'],
    ],
    clean: [
      'USER root\nUSER nobody',
      'RUN a',
      'USER ${U}',
      'USER rooter',
      'FROM a:1 AS x\nUSER root\nFROM b:1\nCOPY --from=x /a /a',
    ],
    compat: [['FROM a:1 AS x\nUSER root\nFROM b:1\nCOPY --from=x /a /a', 2]],
  },
  DL3003: {
    hits: [
      ['RUN cd /a && b', '2:5'],
      ['RUN (cd /a; b)', '2:6'],
      ['RUN a \\\n  && x=$(cd /b; pwd)', '3:10'],
      ['RUN <<E\nset -e\ncd /a\nE\n', '4:1'],
    ],
    clean: ['RUN echo cd', 'WORKDIR /a', 'RUN cdrecord a', 'ONBUILD RUN cd /a'],
  },
  DL3004: {
    hits: [
      ['RUN sudo a', '2:5'],
      ['RUN a && \\\n  sudo -u b c', '3:3'],
      ['ONBUILD RUN sudo a', '2:13'],
      ['RUN ["sudo", "a"]', '2:1'],
    ],
    clean: ['RUN apt-get install -y sudo', 'RUN gosu a b', 'RUN echo sudo'],
  },
  DL3006: {
    hits: [
      ['FROM debian', '1:6'],
      ['FROM registry.example.com:5000/a', '1:6'],
      ['FROM a:1 AS b\nFROM c', '2:6'],
      ['ARG I=debian\nFROM $I', '2:6'],
    ],
    clean: [
      'FROM debian:12',
      'FROM debian@sha256:1234',
      'FROM scratch',
      'FROM a:1 AS b\nFROM b',
      'FROM a:1 AS B\nFROM b',
      'ARG I=debian:12\nFROM $I',
      'ARG I\nFROM $I',
    ],
    compat: [['FROM a:1 AS B\nFROM b', 2], ['ARG I=debian\nFROM $I'], ['ARG I=a\nFROM img$I', 2]],
  },
  DL3007: {
    hits: [
      ['FROM debian:latest', '1:6'],
      ['FROM registry.example.com:5000/a:latest AS b', '1:6'],
      ['ARG T=latest\nFROM a:$T', '2:6'],
    ],
    clean: ['FROM debian:12', 'FROM debian:latest@sha256:12', 'FROM latest:1', 'ARG T\nFROM a:$T'],
    compat: [['ARG T=latest\nFROM a:$T']],
  },
  DL3008: {
    hits: [
      ['RUN apt-get install -y curl', '2:24'],
      ['RUN apt-get update && \\\n    apt-get install -y a=1 \\\n    # a comment\n    b \\\n    c', '5:5'],
      ['RUN apt-get -o X=1 install a', '2:28'],
      ['RUN command apt-get install a b=1', '2:13'],
      ['ONBUILD RUN apt-get install a', '2:29'],
      ['RUN <<-E\n\tapt-get install a\n\tapt-get install b\nE', '3:18', '4:18'],
    ],
    clean: [
      'RUN apt-get install -y curl=7.1',
      'RUN apt-get install -y -t stable a=1',
      'RUN apt-get install -y ./a.deb a/stable',
      'RUN apt-get update',
      'RUN echo apt-get install a',
      'RUN sudo apt-get install a',
      'RUN apt-get install -y $PACKAGES',
    ],
    compat: [['RUN apt-get install -y $PACKAGES', 2], ['RUN apt-get install --target-release=x a']],
  },
  DL3009: {
    hits: [
      ['RUN apt-get update && apt-get install a', '2:5'],
      ['RUN apt update', '2:5'],
      ['RUN apt-get update && rm -rf /tmp/a', '2:5'],
      ['FROM a:1 AS x\nRUN apt-get update\nFROM x', '2:5'],
      ['ONBUILD RUN apt-get update', '2:13'],
    ],
    clean: [
      'RUN apt-get update && rm -rf /var/lib/apt/lists/*',
      'RUN apt-get update && a && \\\n  rm -r /var/lib/apt/lists/*',
      'RUN --mount=type=cache,target=/var/lib/apt/lists apt-get update',
      'RUN --mount=type=cache,target=/var/lib/apt --mount=type=cache,target=/var/cache/apt apt-get update',
      'FROM a:1 AS x\nRUN apt-get update\nFROM b:1\nCOPY --from=x /a /a',
      'RUN apt-get install a',
    ],
    compat: [['RUN apt-get update && rm -rf /tmp/a'], ['RUN apt-get update && rm -r /var/lib/apt/lists', 2]],
  },
  DL3010: {
    hits: [
      ['COPY a.tar.gz /b/\nRUN tar -xzf /b/a.tar.gz', '2:6'],
      ['COPY a /b/c.tgz\nRUN tar --extract --file /b/c.tgz', '2:11'],
      ['COPY x/a.gz .\nRUN c && gunzip a.gz', '2:8'],
    ],
    clean: [
      'COPY a.tar.gz /b/c.tgz\nRUN tar -xf a.tar.gz',
      'COPY a.tar.gz /b/\nRUN tar -czf a.tar.gz c',
      'COPY a.tar.gz /b/',
      'COPY --from=x a.tar.gz /b/\nRUN tar -xf /b/a.tar.gz',
      'ADD a.tar.gz /b/',
    ],
    compat: [
      ['FROM a:1\nCOPY b.tgz .\nRUN tar -xf b.tgz\nFROM c:1'],
      ['FROM a:1\nFROM c:1\nCOPY b.tgz .\nRUN tar -xf b.tgz', 3],
    ],
  },
  DL3011: {
    hits: [
      ['EXPOSE 65536', '2:8'],
      ['EXPOSE 80 70000/udp', '2:11'],
      ['EXPOSE 8000-80000', '2:8'],
    ],
    clean: ['EXPOSE 65535', 'EXPOSE 80/tcp 53/udp', 'EXPOSE $PORT', 'EXPOSE 8000-8010'],
  },
  DL3012: {
    hits: [
      ['HEALTHCHECK CMD a\nHEALTHCHECK CMD b', '3:1'],
      ['HEALTHCHECK NONE\nRUN a\nHEALTHCHECK CMD b', '4:1'],
      ['HEALTHCHECK NONE\nHEALTHCHECK NONE\nHEALTHCHECK NONE', '3:1', '4:1'],
    ],
    clean: ['HEALTHCHECK CMD a', 'FROM a:1\nHEALTHCHECK NONE\nFROM b:1\nHEALTHCHECK NONE', 'RUN a'],
  },
  DL3013: {
    hits: [
      ['RUN pip install a', '2:17'],
      ['RUN pip3 install --upgrade pip a==1', '2:28'],
      ['RUN python3 -m pip install a', '2:28'],
      ['RUN pip install git+https://example.com/a', '2:17'],
      ['RUN pip install -i https://example.com a b', '2:40'],
      ['RUN pip install a>=1', '2:17'],
      ['ONBUILD RUN pip install a', '2:25'],
    ],
    clean: [
      'RUN pip install a==1 "b>=2"',
      'RUN pip install -r requirements.txt',
      'RUN pip install .',
      'RUN pip install -c limits.txt a',
      'RUN pip install ./a.whl b.tar.gz',
      'RUN pip install git+https://example.com/a@v1',
      'RUN pip freeze',
      'RUN pipenv install a',
      'RUN pip install --target /a b==1',
    ],
  },
  DL3014: {
    hits: [
      ['RUN apt-get install a=1', '2:5'],
      ['RUN apt-get update && apt-get -q install a=1', '2:23'],
      ['ONBUILD RUN apt-get install a=1', '2:13'],
    ],
    clean: [
      'RUN apt-get install -y a=1',
      'RUN apt-get -qq install a=1',
      'RUN apt-get install --assume-yes a=1',
      'RUN apt-get -q -q install a=1',
      'RUN apt-get -q=2 install a',
      'RUN apt-get update',
    ],
  },
  DL3015: {
    hits: [
      ['RUN apt-get install -y a=1', '2:5'],
      ['RUN a && \\\n apt-get -y install a=1', '3:2'],
      ['ONBUILD RUN apt-get install a=1', '2:13'],
    ],
    clean: [
      'RUN apt-get install --no-install-recommends a',
      'RUN apt-get install -o APT::Install-Recommends=false a',
      'RUN apt-get update',
      'RUN apt-get -o APT::Install-Recommends=0 install a',
    ],
    compat: [['RUN apt-get -o APT::Install-Recommends=0 install a', 2]],
  },
  DL3016: {
    hits: [
      ['RUN npm install -g a', '2:20'],
      ['RUN npm install @b/a a@1', '2:17'],
      ['RUN npm --loglevel warn install a', '2:33'],
      ['RUN npm install git+https://example.com/a.git', '2:17'],
      ['RUN npm i -g a', '2:14'],
      ['ONBUILD RUN npm install a', '2:25'],
    ],
    clean: [
      'RUN npm install',
      'RUN npm install a@1',
      'RUN npm install @b/a@1',
      'RUN npm install ./a',
      'RUN npm install a.tgz',
      'RUN npm install git://example.com/a.git#v1',
      'RUN npm ci',
      'RUN npm run install',
    ],
    compat: [['RUN npm i -g a']],
  },
  DL3018: {
    hits: [
      ['RUN apk add a', '2:13'],
      ['RUN apk add --no-cache a=1 b', '2:28'],
      ['RUN apk --no-cache add \\\n  a \\\n  b', '3:3'],
      ['ONBUILD RUN apk add a', '2:21'],
    ],
    clean: [
      'RUN apk add a=1',
      'RUN apk add "a~=1" "b>2"',
      'RUN apk add -t build a=1',
      'RUN apk add --virtual build a=1',
      'RUN apk add a.apk',
      'RUN apk update',
      'RUN apk add a=1 !b',
    ],
    compat: [['RUN apk add a=1 !b', 2]],
  },
  DL3019: {
    hits: [
      ['RUN apk add a=1', '2:5'],
      ['RUN apk update && apk add a=1', '2:19'],
      ['ONBUILD RUN apk add a=1', '2:13'],
    ],
    clean: [
      'RUN apk add --no-cache a',
      'RUN apk --no-cache add a',
      'RUN apk update',
      'RUN --mount=type=cache,target=/var/cache/apk apk add a',
    ],
  },
  DL3020: {
    hits: [
      ['ADD a /b', '2:5'],
      ['ADD a.zip /b', '2:5'],
      ['ADD ["a b", "/c"]', '2:7'],
      ['add --chown=1 a /b', '2:15'],
    ],
    clean: [
      'ADD a.tar.gz /b',
      'ADD https://example.com/a /b',
      'COPY a /b',
      'ADD git@example.com:a.git /b',
      'ADD $A /b',
      'ADD <<E /b\nE',
      'ADD a.tar.zst /b',
    ],
    compat: [
      ['ADD git@example.com:a.git /b', 2],
      ['ADD $A /b', 2],
      ['ADD a.tar.zst /b', 2],
    ],
  },
  DL3021: {
    hits: [
      ['COPY a b /c', '2:10'],
      ['COPY ["a", "b", "/c"]', '2:18'],
      ['COPY --from=x a b c', '2:19'],
    ],
    clean: ['COPY a b /c/', 'COPY a /b', 'COPY a b "/c/"', 'COPY a b $D', 'COPY a b .'],
    compat: [
      ['COPY a b $D', 2],
      ['COPY a b .', 2],
    ],
  },
  DL3022: {
    hits: [
      ['COPY --from=x a b', '2:13'],
      ['COPY --from=1 a b', '2:13'],
      ['FROM a:1 AS x\nFROM b:1\nCOPY --from=y a b', '3:13'],
    ],
    clean: [
      'FROM a:1 AS x\nFROM b:1\nCOPY --from=x a b',
      'FROM a:1 AS x\nFROM b:1\nCOPY --from=0 a b',
      'COPY --from=a:1 b c',
      'FROM a:1 AS X\nFROM b:1\nCOPY --from=x a b',
      'COPY --from=example/a b c',
      'COPY a b',
    ],
    compat: [
      ['FROM a:1 AS X\nFROM b:1\nCOPY --from=x a b', 3],
      ['COPY --from=example/a b c', 2],
      ['COPY --from=$X a b', 2],
      ['COPY --from=0abc a b'],
    ],
  },
  DL3023: {
    hits: [
      ['FROM a:1 AS x\nCOPY --from=x a b', '2:13'],
      ['FROM a:1 AS x\nFROM b:1 AS y\nCOPY a b\nCOPY --from=y a b', '4:13'],
      ['FROM a:1 AS X\nCOPY --from=x a b', '2:13'],
    ],
    clean: [
      'FROM a:1 AS x\nFROM b:1 AS y\nCOPY --from=x a b',
      'FROM a:1 AS x\nCOPY a b',
      'COPY --from=x:1 a b',
    ],
    compat: [['FROM a:1 AS X\nCOPY --from=x a b']],
  },
  DL3024: {
    hits: [
      ['FROM a:1 AS x\nFROM b:1 AS x', '2:13'],
      ['FROM a:1 AS x\nFROM b:1 AS x\nFROM c:1 AS x', '2:13', '3:13'],
      ['FROM a:1 AS x\nFROM b:1 AS X', '2:13'],
    ],
    clean: ['FROM a:1 AS x\nFROM b:1 AS y', 'FROM a:1\nFROM a:1', 'FROM a:1 AS x\nFROM x'],
    compat: [['FROM a:1 AS x\nFROM b:1 AS X']],
  },
  DL3025: {
    hits: [
      ['CMD a', '2:1'],
      ['ENTRYPOINT a b', '2:1'],
      ['CMD ["a", b]', '2:1'],
      ['FROM a:1\nSHELL ["/bin/sh"]\nFROM b:1\nCMD c', '4:1'],
    ],
    clean: [
      'CMD ["a"]',
      'ENTRYPOINT ["a", "b"]',
      'RUN a',
      'SHELL ["/bin/bash", "-c"]\nCMD a',
      'HEALTHCHECK CMD a',
      'HEALTHCHECK NONE',
    ],
    compat: [
      ['SHELL ["/bin/bash", "-c"]\nCMD a', 3],
      ['HEALTHCHECK CMD a', 2],
    ],
  },
  DL3026: {
    settings: { trustedRegistries: ['registry.example.com', '*.good.test', 'my*'] },
    hits: [
      ['FROM debian:12', '1:6'],
      ['FROM other.example.com/a:1', '1:6'],
      ['FROM registry.example.com/a:1\nCOPY --from=bad.test/a:1 b c', '2:13'],
      ['FROM registry.example.com/a:1\nRUN --mount=type=bind,from=x/y:1,target=/z a', '2:28'],
    ],
    clean: [
      'FROM registry.example.com/a:1',
      'FROM x.good.test/a:1',
      'FROM my.test/a:1',
      'FROM scratch',
      'FROM registry.example.com/a:1 AS b\nFROM b\nCOPY --from=0 a b',
    ],
  },
  DL3027: {
    hits: [
      ['RUN apt install a', '2:5'],
      ['RUN a && apt update', '2:10'],
      ['RUN apt-get update; \\\n  apt -y install b', '3:3'],
      ['ONBUILD RUN apt update', '2:13'],
    ],
    clean: ['RUN apt-get update', 'RUN apt-cache show a', 'RUN echo apt'],
  },
  DL3028: {
    hits: [
      ['RUN gem install a', '2:17'],
      ['RUN gem i a:1 b', '2:15'],
      ['RUN gem install a -- --with-c', '2:17'],
      ['ONBUILD RUN gem install a', '2:25'],
    ],
    clean: [
      'RUN gem install a:1',
      'RUN gem install a -v 1',
      'RUN gem install a --version=1',
      'RUN gem list',
      'RUN gem install a:1 -- b',
    ],
    compat: [['RUN gem install -N a'], ['RUN gem install --no-document a', 2]],
  },
  DL3029: {
    hits: [
      ['FROM --platform=linux/amd64 a:1', '1:17'],
      ['FROM --platform=arm64 a:1 AS b', '1:17'],
      ['FROM a:1\nFROM --platform=linux/amd64 b:1', '2:17'],
    ],
    clean: [
      'FROM --platform=$BUILDPLATFORM a:1',
      'FROM --platform=${TARGETPLATFORM:-x} a:1',
      'FROM a:1',
      'ARG P=linux/amd64\nFROM --platform=$P a:1',
    ],
    compat: [['ARG P=linux/amd64\nFROM --platform=$P a:1', 2]],
  },
  DL3030: {
    hits: [
      ['RUN yum install a-1', '2:5'],
      ['RUN yum groupinstall a', '2:5'],
      ['RUN yum localinstall a.rpm', '2:5'],
      ['ONBUILD RUN yum install a-1', '2:13'],
    ],
    clean: ['RUN yum install -y a-1', 'RUN yum --assumeyes install a', 'RUN yum update', 'RUN yum list'],
  },
  DL3032: {
    hits: [
      ['RUN yum install -y a-1', '2:5'],
      ['RUN yum clean all && yum -y install a-1', '2:22'],
      ['RUN yum install -y a-1 && b', '2:5'],
      ['ONBUILD RUN yum install -y a-1', '2:13'],
    ],
    clean: [
      'RUN yum install -y a-1 && yum clean all',
      'RUN yum install -y a && rm -rf /var/cache/yum/*',
      'RUN yum update -y',
    ],
    compat: [['RUN yum install -y a-1 && rm -rf /tmp/x']],
  },
  DL3033: {
    hits: [
      ['RUN yum install -y a', '2:20'],
      ['RUN yum install -y epel-release a-1', '2:20'],
      ['RUN yum module install a', '2:24'],
      ['ONBUILD RUN yum install a', '2:25'],
    ],
    clean: [
      'RUN yum install -y a-1.2-3.el7',
      'RUN yum install -y a.rpm',
      'ENV V=1\nRUN yum install -y a-$V',
      'ARG V\nRUN yum install -y a-${V}',
      'RUN yum module install a:1',
      'RUN yum update',
    ],
  },
  DL3034: {
    hits: [
      ['RUN zypper install a=1', '2:5'],
      ['RUN zypper in a=1 && zypper rm b', '2:5', '2:22'],
      ['RUN zypper patch', '2:5'],
      ['ONBUILD RUN zypper install a=1', '2:13'],
    ],
    clean: [
      'RUN zypper -n install a',
      'RUN zypper --non-interactive in a',
      'RUN zypper install -y a',
      'RUN zypper install --no-confirm a',
      'RUN zypper refresh',
    ],
  },
  DL3035: {
    hits: [
      ['RUN zypper dist-upgrade', '2:5'],
      ['RUN zypper -n dup', '2:5'],
      ['ONBUILD RUN zypper dup', '2:13'],
    ],
    clean: ['RUN zypper update', 'RUN zypper install -y dup-tool', 'RUN echo dup'],
  },
  DL3036: {
    hits: [
      ['RUN zypper install -y a=1', '2:5'],
      ['RUN zypper clean && zypper in -y a=1', '2:21'],
      ['ONBUILD RUN zypper install -y a=1', '2:13'],
    ],
    clean: [
      'RUN zypper install -y a=1 && zypper clean',
      'RUN zypper in a=1; zypper cc -a',
      'RUN --mount=type=cache,target=/var/cache/zypp zypper install a=1',
      'RUN zypper refresh',
    ],
  },
  DL3037: {
    hits: [
      ['RUN zypper install -y a', '2:23'],
      ['RUN zypper in -y a=1 b', '2:22'],
      ['ONBUILD RUN zypper install a', '2:28'],
    ],
    clean: [
      'RUN zypper install -y a=1',
      'RUN zypper install -y "a>=1"',
      'RUN zypper in a.rpm',
      'RUN zypper refresh',
    ],
  },
  DL3038: {
    hits: [
      ['RUN dnf install a-1', '2:5'],
      ['RUN microdnf install a-1', '2:5'],
      ['RUN dnf groupinstall a', '2:5'],
      ['ONBUILD RUN dnf install a-1', '2:13'],
    ],
    clean: [
      'RUN dnf install -y a-1',
      'RUN microdnf -y install a-1',
      'RUN dnf --assumeyes install a',
      'RUN dnf update',
    ],
  },
  DL3040: {
    hits: [
      ['RUN dnf install -y a-1', '2:5'],
      ['RUN microdnf install -y a-1 && dnf clean all', '2:5'],
      ['RUN dnf -y upgrade', '2:5'],
      ['ONBUILD RUN dnf install -y a-1', '2:13'],
    ],
    clean: [
      'RUN dnf install -y a-1 && dnf clean all',
      'RUN microdnf install -y a && microdnf clean all',
      'RUN --mount=type=cache,target=/var/cache/libdnf5 dnf install -y a',
      'RUN dnf install -y a && rm -rf /var/cache/libdnf5*',
      'RUN dnf install -y a && rm -rf /var/cache/dnf',
    ],
    compat: [['RUN dnf install -y a-1 && rm -r /var/cache/dnf', 2]],
  },
  DL3041: {
    hits: [
      ['RUN dnf install -y a', '2:20'],
      ['RUN microdnf install -y a-1 b', '2:29'],
      ['RUN dnf module install a', '2:24'],
      ['ONBUILD RUN dnf install a', '2:25'],
    ],
    clean: [
      'RUN dnf install -y a-1.2',
      'RUN dnf install -y a.rpm',
      'ENV V=1\nRUN dnf install -y a-$V',
      'RUN dnf group install a',
      'RUN dnf update',
    ],
  },
  DL3042: {
    hits: [
      ['RUN pip install a==1', '2:5'],
      ['RUN python -m pip install a==1', '2:5'],
      ['RUN b && \\\n  pip3 install -r c', '3:3'],
      ['ONBUILD RUN pip install a==1', '2:13'],
    ],
    clean: [
      'RUN pip install --no-cache-dir a',
      'ENV PIP_NO_CACHE_DIR=1\nRUN pip install a',
      'RUN PIP_NO_CACHE_DIR=on pip install a',
      'RUN --mount=type=cache,target=/root/.cache/pip pip install a',
      'RUN pipx install a',
      'FROM a:1 AS x\nENV PIP_NO_CACHE_DIR=yes\nFROM x\nRUN pip install a',
    ],
    compat: [['ENV PIP_NO_CACHE_DIR=1\nONBUILD RUN pip install a', 3]],
  },
  DL3043: {
    hits: [
      ['ONBUILD FROM a:1', '2:1'],
      ['ONBUILD ONBUILD RUN a', '2:1'],
      ['ONBUILD maintainer a', '2:1'],
    ],
    clean: ['ONBUILD RUN a', 'ONBUILD COPY a b', 'ONBUILD USER a'],
  },
  DL3044: {
    hits: [
      ['ENV A=1 B=$A', '2:11'],
      ['ENV A=1 \\\n    B=${A}/x', '3:7'],
      ['ENV B="$A" A=2', '2:8'],
    ],
    clean: [
      'ENV A=1\nENV A=2 B=$A',
      'ARG A\nENV A=1 B=$A',
      'ENV A=1 B=$AB',
      'ENV A=$A',
      'ENV PATH=/a:$PATH B=$PATH',
    ],
    compat: [['ENV PATH=/a:$PATH B=$PATH', 2]],
  },
  DL3045: {
    hits: [
      ['COPY a b', '2:8'],
      ['COPY a .', '2:8'],
      ['FROM a:1\nWORKDIR /x\nFROM b:1\nCOPY a ./c', '4:8'],
      ['COPY a b\nWORKDIR /c', '2:8'],
    ],
    clean: [
      'COPY a /b',
      'WORKDIR /x\nCOPY a b',
      'FROM a:1 AS y\nWORKDIR /x\nFROM y\nCOPY a b',
      'COPY a $D/b',
      'COPY a C:/b',
      'COPY a "/b"',
    ],
  },
  DL3046: {
    hits: [
      ['RUN useradd -u 123456 a', '2:5'],
      ['RUN a && useradd -m -u 1000000 b', '2:10'],
      ['RUN useradd --uid=1000000 a', '2:5'],
      ['ONBUILD RUN useradd -u 123456 a', '2:13'],
    ],
    clean: [
      'RUN useradd -u 1000 a',
      'RUN useradd -l -u 123456 a',
      'RUN useradd --no-log-init -u 123456 a',
      'RUN useradd a',
    ],
    compat: [['RUN useradd --uid 1000000 a']],
  },
  DL3047: {
    hits: [
      ['RUN wget https://example.com/a', '2:5'],
      ['RUN a && \\\n  wget -O b https://example.com', '3:3'],
      ['ONBUILD RUN wget a', '2:13'],
    ],
    clean: [
      'RUN wget -q a',
      'RUN wget --progress=dot:giga a',
      'RUN wget -nv a',
      'RUN wget -o log a',
      'RUN wget --no-verbose a',
      'RUN curl a',
    ],
  },
  DL3048: {
    hits: [
      ['LABEL Key=1', '2:7'],
      ['LABEL "a b"=1', '2:8'],
      ['LABEL com.docker.x=1', '2:7'],
      ['LABEL a..b=1 c--d=2', '2:7', '2:14'],
      ['LABEL a-=1', '2:7'],
    ],
    clean: ['LABEL key=1', 'LABEL org.example.a-b=1', 'LABEL a=1 b_c=2', 'ENV Key=1'],
  },
  DL3049: {
    settings: schema('text'),
    hits: [
      ['RUN a', '1:1'],
      ['LABEL other=1', '1:1'],
      ['FROM a:1 AS x\nFROM b:1\nLABEL it=1', '1:1'],
    ],
    clean: [
      'LABEL it=1',
      'FROM a:1 AS x\nLABEL it=1\nFROM x',
      'FROM a:1 AS x\nFROM b:1\nLABEL it=1\nCOPY --from=x a b',
      'FROM a:1 AS x\nFROM x\nLABEL it=1',
    ],
  },
  DL3050: {
    settings: { ...schema('text'), strictLabels: true },
    hits: [
      ['LABEL other=1', '2:7'],
      ['LABEL it=1 b=2 c=3', '2:12'],
      ['LABEL "d"=1', '2:8'],
    ],
    clean: ['LABEL it=1', 'LABEL "it"=1', 'RUN a'],
  },
  DL3051: {
    settings: schema('text'),
    hits: [
      ['LABEL it=""', '2:7'],
      ['LABEL it=', '2:7'],
      ["LABEL a=1 it=''", '2:11'],
    ],
    clean: ['LABEL it=1', 'LABEL other=""', 'RUN a'],
  },
  DL3052: {
    settings: schema('url'),
    hits: [
      ['LABEL it=example', '2:10'],
      ['LABEL it="not a url"', '2:11'],
      ['LABEL it=://x', '2:10'],
    ],
    clean: [
      'LABEL it=https://example.com/a',
      'LABEL it="http://example.com"',
      'LABEL it=$URL',
      'LABEL other=x',
    ],
    compat: [['LABEL it=$URL', 2]],
  },
  DL3053: {
    settings: schema('rfc3339'),
    hits: [
      ['LABEL it=2030', '2:10'],
      ['LABEL it=2030-02-30T00:00:00Z', '2:10'],
      ['LABEL it="2030-01-01 12:00"', '2:11'],
    ],
    clean: ['LABEL it=2030-01-31T12:00:00Z', 'LABEL it=2030-01-31T12:00:00.5+01:00', 'LABEL other=x'],
  },
  DL3054: {
    settings: schema('spdx'),
    hits: [
      ['LABEL it=mine', '2:10'],
      ['LABEL it="Apache 2"', '2:11'],
      ['LABEL it="MIT OR"', '2:11'],
    ],
    clean: ['LABEL it=MIT', 'LABEL it=Apache-2.0', 'LABEL it="MIT OR Apache-2.0"', 'LABEL other=x'],
    compat: [['LABEL it="MIT OR Apache-2.0"', 2]],
  },
  DL3055: {
    settings: schema('hash'),
    hits: [
      ['LABEL it=xyz', '2:10'],
      ['LABEL it=12345678', '2:10'],
      ['LABEL it=ABCDEF0', '2:10'],
    ],
    clean: ['LABEL it=1234567', `LABEL it=${'a'.repeat(40)}`, 'LABEL it=${REF}', 'LABEL other=x'],
    compat: [['LABEL it=${REF}', 2]],
  },
  DL3056: {
    settings: schema('semver'),
    hits: [
      ['LABEL it=1', '2:10'],
      ['LABEL it=v1.2.3', '2:10'],
      ['LABEL it=1.02.3', '2:10'],
    ],
    clean: ['LABEL it=1.2.3', 'LABEL it=1.2.3-rc.1+b', 'LABEL it=$V', 'LABEL other=1'],
    compat: [['LABEL it=$V', 2]],
  },
  DL3057: {
    settings: { severities: { DL3057: 'info' } },
    hits: [
      ['RUN a', '1:1'],
      ['FROM a:1\nHEALTHCHECK NONE\nFROM b:1', '3:1'],
      ['CMD ["a"]', '1:1'],
    ],
    clean: [
      'HEALTHCHECK CMD a',
      'FROM a:1 AS x\nHEALTHCHECK CMD a\nFROM x',
      'FROM a:1 AS x\nFROM x\nHEALTHCHECK CMD a',
    ],
  },
  DL3058: {
    settings: schema('email'),
    hits: [
      ['LABEL it=me', '2:10'],
      ['LABEL it="me at example.com"', '2:11'],
      ['LABEL it=@example.com', '2:10'],
    ],
    clean: ['LABEL it=me@example.com', 'LABEL it=a.b+c@mail.example.com', 'LABEL it=$MAIL', 'LABEL other=x'],
    compat: [['LABEL it=$MAIL', 2]],
  },
  DL3059: {
    hits: [
      ['RUN a\nRUN b', '3:1'],
      ['RUN a\n# why\n\nRUN b', '5:1'],
      ['RUN a\nRUN b\nRUN c', '3:1', '4:1'],
      ['RUN --network=none a\nRUN --network=none b', '3:1'],
    ],
    clean: [
      'RUN a\nCOPY b /c\nRUN d',
      'RUN a && b\nRUN c',
      'RUN --network=none a\nRUN b',
      'RUN a',
      'FROM a:1 AS x\nRUN b\nRUN c\nFROM d:1\nCOPY --from=x /e /e',
    ],
    compat: [['FROM a:1 AS x\nRUN b\nRUN c\nFROM d:1\nCOPY --from=x /e /e', 3]],
  },
  DL3060: {
    hits: [
      ['RUN yarn install', '2:5'],
      ['RUN yarn cache clean && yarn install', '2:25'],
      ['FROM a:1 AS x\nRUN yarn install\nFROM x', '2:5'],
      ['ONBUILD RUN yarn install', '2:13'],
    ],
    clean: [
      'RUN yarn install && yarn cache clean',
      'RUN --mount=type=cache,target=/root/.cache/yarn yarn install',
      'FROM a:1 AS x\nRUN yarn install\nFROM b:1\nCOPY --from=x /a /a',
      'RUN yarn build',
    ],
  },
  DL3061: {
    hits: [
      ['RUN a\nFROM b:1', '1:1'],
      ['ENV A=1\nLABEL b=1\nFROM c:1', '1:1', '2:1'],
      ['ARG A\nWORKDIR /b\nFROM c:1', '2:1'],
    ],
    clean: ['ARG A\nFROM b:1', '# a comment\n\nFROM b:1', 'FROM b:1\nRUN a'],
  },
  DL3062: {
    hits: [
      ['RUN go install example.com/a', '2:16'],
      ['RUN go get example.com/a@v1 example.com/b', '2:29'],
      ['RUN go run example.com/a@latest -x', '2:12'],
      ['RUN go install -ldflags "-s -w" example.com/a', '2:33'],
      ['ONBUILD RUN go install example.com/a', '2:24'],
    ],
    clean: [
      'RUN go install example.com/a@v1',
      'RUN go install ./...',
      'RUN go run . -v',
      'RUN go build example.com/a',
      'RUN go install tool',
      'RUN go run main.go',
    ],
    compat: [['RUN go run main.go', 2], ['RUN go run . && go install example.com/a']],
  },
  DL3063: {
    hits: [
      ['FROM a:1 AS scratch', '1:13'],
      ['FROM a:1 AS context', '1:13'],
      ['FROM b:1\nFROM a:1 AS Context', '2:13'],
    ],
    clean: ['FROM a:1 AS contexts', 'FROM scratch', 'FROM a:1 AS b'],
    compat: [['FROM b:1\nFROM a:1 AS Context']],
  },
  DL3064: {
    hits: [
      ['ENV DB_PASSWORD=1', '2:5'],
      ['ARG GITHUB_TOKEN', '2:5'],
      ['ENV A=1 AWS_ACCESS_KEY_ID=2', '2:9'],
      ['ARG A=1 MY_SECRET=2', '2:9'],
      ['ONBUILD ARG API_KEY', '2:13'],
    ],
    clean: [
      'ENV A=1',
      'ENV PASSWORD_FILE=/a',
      'ENV TOKENIZER=a',
      'ARG SECRETARY',
      'LABEL token=1',
      'ENV PUBLIC_KEY=1',
    ],
    compat: [
      ['ARG SECRETARY', 2],
      ['ENV PASSWORD_FILE=/a', 2],
      ['ENV TOKENIZER=a', 2],
      ['ARG A=1 MY_SECRET=2'],
    ],
  },
  DL3065: {
    hits: [
      ['FROM --platform=$TARGETPLATFORM a:1', '1:6'],
      ['FROM --platform=${TARGETPLATFORM} a:1 AS b', '1:6'],
      ['FROM a:1\nFROM --platform=$TARGETPLATFORM b:1', '2:6'],
    ],
    clean: ['FROM --platform=$BUILDPLATFORM a:1', 'FROM --platform=linux/$TARGETPLATFORM a:1', 'FROM a:1'],
  },
  DL3066: {
    hits: [
      ['USER nobody', '2:6'],
      ['USER nobody:1000', '2:6'],
      ['USER 1000\nUSER app', '3:6'],
    ],
    clean: [
      'USER 1000',
      'USER 1000:app',
      'ARG U\nUSER $U',
      'USER app\nUSER 1000',
      'FROM a:1\nUSER app\nFROM b:1',
    ],
    compat: [
      ['USER app\nUSER 1000', 2],
      ['FROM a:1\nUSER app\nFROM b:1', 2],
      ['ENV U=a\nUSER $U', 3],
    ],
  },
  DL3067: {
    hits: [
      ['COPY --from=x:1 / /', '2:1'],
      ['FROM a:1 AS x\nFROM b:1\nCOPY --from=x / /', '3:1'],
      ['COPY --from=x:1 ["/", "/"]', '2:1'],
    ],
    clean: [
      'COPY --from=x:1 /a /',
      'COPY / /',
      'COPY --from=x:1 / /b/',
      'FROM a:1 AS x\nFROM scratch\nCOPY --from=x / /',
    ],
    compat: [['FROM a:1 AS x\nFROM scratch\nCOPY --from=x / /', 3]],
  },
  DL4000: {
    hits: [
      ['MAINTAINER me', '2:1'],
      ['maintainer "me"', '2:1'],
      ['RUN a\nMAINTAINER a <b@example.com>', '3:1'],
    ],
    clean: ['LABEL maintainer=me', 'RUN a', '# MAINTAINER me'],
  },
  DL4001: {
    hits: [
      ['RUN wget -q a && curl b', '2:5'],
      ['RUN wget -q a\nRUN curl b', '3:5'],
      ['RUN curl a\nRUN wget -q b\nRUN curl c', '3:5', '4:5'],
      ['RUN curl a\nONBUILD RUN wget -q b', '3:13'],
    ],
    clean: [
      'RUN curl a && curl b',
      'FROM a:1\nRUN curl b\nFROM c:1\nRUN wget -q d',
      'RUN apt-get install wget curl',
      'RUN wget -q a',
    ],
    compat: [['RUN curl a\nONBUILD RUN wget -q b'], ['ONBUILD RUN curl a\nONBUILD RUN wget -q b', 3]],
  },
  DL4003: {
    hits: [
      ['CMD ["a"]\nCMD ["b"]', '3:1'],
      ['CMD ["a"]\nRUN b\nCMD ["c"]\nCMD ["d"]', '4:1', '5:1'],
      ['FROM a:1\nCMD ["b"]\nFROM c:1\nCMD ["d"]\nCMD ["e"]', '5:1'],
    ],
    clean: ['CMD ["a"]', 'FROM a:1\nCMD ["b"]\nFROM c:1\nCMD ["d"]', 'ENTRYPOINT ["a"]\nCMD ["b"]'],
  },
  DL4004: {
    hits: [
      ['ENTRYPOINT ["a"]\nENTRYPOINT ["b"]', '3:1'],
      ['ENTRYPOINT ["a"]\nENTRYPOINT ["b"]\nENTRYPOINT ["c"]', '3:1', '4:1'],
      ['ENTRYPOINT ["a"]\nRUN b\nENTRYPOINT []', '4:1'],
    ],
    clean: [
      'ENTRYPOINT ["a"]',
      'FROM a:1\nENTRYPOINT ["b"]\nFROM c:1\nENTRYPOINT ["d"]',
      'ENTRYPOINT ["a"]\nCMD ["b"]',
    ],
  },
  DL4005: {
    hits: [
      ['RUN ln -sf /bin/bash /bin/sh', '2:5'],
      ['RUN a && \\\n  ln -s /bin/bash /bin/sh', '3:3'],
      ['ONBUILD RUN ln -s /bin/bash /bin/sh', '2:13'],
    ],
    clean: ['RUN ln -s /bin/sh2 /a', 'SHELL ["/bin/bash", "-c"]', 'RUN rm /bin/sh'],
  },
  DL4006: {
    hits: [
      ['RUN a | b', '2:5'],
      ['RUN x \\\n && echo $(a | b)', '3:12'],
      ['SHELL ["/bin/sh", "-o", "pipefail", "-c"]\nRUN a | b', '3:5'],
      ['SHELL ["/bin/bash", "-c"]\nRUN a | b', '3:5'],
      ['RUN <<E\na |\n  b\nE', '3:1'],
    ],
    clean: [
      'SHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN a | b',
      'SHELL ["/bin/ash", "-eo", "pipefail", "-c"]\nRUN a | b',
      'SHELL ["pwsh", "-c"]\nRUN a | b',
      'RUN a || b',
      'RUN set -o pipefail && a | b',
      'RUN set -euo pipefail; a | b',
      'FROM a:1 AS x\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nFROM x\nRUN a | b',
      'RUN <<E\n#!/bin/bash -eo pipefail\na | b\nE',
    ],
    compat: [
      ['RUN <<E\n#!/bin/bash -eo pipefail\na | b\nE', 2],
      ['RUN set -euo pipefail; a | b', 2],
      ['RUN set -o pipefail && a | b', 2],
      ['FROM a:1 AS x\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nFROM x\nRUN a | b', 4],
    ],
  },
};
