// Dockerfiles made up from a seed, with the habits, good and bad, that checks are about.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom, type Random } from '../test/support/random.ts';

const images = [
  'debian',
  'debian:12',
  'node:20-slim',
  'alpine:latest',
  'registry.example.com/base:1.2',
  'python:3',
];
const packages = ['curl', 'git', 'ca-certificates', 'build-essential', 'python3-pip', 'jq', 'nginx=1.22.1-9'];

const instructions: readonly ((random: Random) => string)[] = [
  (random) => `RUN apt-get update && apt-get install -y ${random.some(packages, 5).join(' ')}`,
  (random) =>
    `RUN apt-get update \\\n    && apt-get install -y --no-install-recommends \\\n${random
      .some(packages, 6)
      .map((name) => `      ${name} \\\n`)
      .join('')}    && rm -rf /var/lib/apt/lists/*`,
  (random) => `RUN cd /tmp/work-${random.number(50)} && make install`,
  (random) => `RUN curl -fsSL https://example.com/tool-${random.number(9)}.tar.gz | tar -xz -C /opt`,
  (random) => `RUN set -eux; for n in 1 2 ${random.number(9)}; do echo "part $n" >> /etc/parts; done`,
  () => 'RUN if [ -f package.json ]; then npm ci --omit=dev; else echo none; fi',
  (random) => `RUN pip install requests==2.${random.number(30)} flask`,
  (random) => `ENV VERSION=1.${random.number(20)} HOME_OF_APP=/srv/app`,
  (random) => `ENV LEGACY value ${random.number(20)}`,
  (random) => `ARG REVISION=${random.number(1000)}`,
  () => 'ARG API_TOKEN',
  (random) => `COPY ${random.pick(['.', 'src', 'package.json', '--chown=1000 app'])} /srv/app/`,
  () => 'ADD https://example.com/archive.tar.gz /opt/',
  (random) => `WORKDIR ${random.pick(['/srv/app', 'relative', '/opt'])}`,
  (random) => `LABEL org.opencontainers.image.revision="${random.number(1000)}" maintainer="someone"`,
  () => 'MAINTAINER Someone <someone@example.com>',
  (random) => `EXPOSE ${random.pick(['80', '443/tcp', '8080', '53/UDP'])}`,
  () => 'USER root',
  () => 'SHELL ["/bin/bash", "-o", "pipefail", "-c"]',
  (random) => `RUN echo $UNDEFINED_${random.number(9)} "\${VERSION:-none}" && sudo make`,
  (random) => `# a comment of ${random.number(1000)}`,
  () => 'RUN <<EOF\nset -e\necho one > /one\necho two > /two\nEOF',
];

function makeDockerfile(random: Random): string {
  const stages = 1 + random.number(3);
  const lines: string[] = random.chance(20) ? ['# syntax=docker/dockerfile:1', ''] : [];
  for (let stage = 0; stage < stages; stage++) {
    const name = stage < stages - 1 || random.chance(30) ? ` ${random.pick(['AS', 'as'])} stage${stage}` : '';
    lines.push(`FROM ${random.pick(images)}${name}`);
    const count = 4 + random.number(14);
    for (let index = 0; index < count; index++) lines.push(random.pick(instructions)(random));
    if (stage > 0) lines.push(`COPY --from=stage${stage - 1} /opt /opt`);
    lines.push('');
  }
  lines.push(random.pick(['CMD ["/srv/app/start"]', 'CMD /srv/app/start', 'ENTRYPOINT ["/bin/app"]']), '');
  return lines.join('\n');
}

/** Returns the paths, one folder for each. */
export function writeDockerfileCorpus(folder: string, count: number): string[] {
  const random = createRandom(7);
  return Array.from({ length: count }, (_, index) => {
    const own = join(folder, `project-${index}`);
    mkdirSync(own, { recursive: true });
    const path = join(own, 'Dockerfile');
    writeFileSync(path, makeDockerfile(random));
    return path;
  });
}
