// Dockerfiles built as well-known projects build theirs: each parses, is planned for both platforms, and passes the build checks.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseDockerfile } from '../../src/dockerfile/parse.ts';
import { splitStages } from '../../src/graph/stage.ts';
import type { ContainerConfig } from '../../src/oci/config.ts';
import { checkText } from '../lint/check-text.ts';
import { planned, verticesOf } from './plan-setup.ts';

const test = suite('well-known Dockerfiles');
const root = fileURLToPath(new URL('../../fixtures/well-known/', import.meta.url));
const amd64 = { os: 'linux', architecture: 'amd64' };
const arm64 = { os: 'linux', architecture: 'arm64' };

interface Expected {
  stages: number;
  /** Of the last stage: `RUN` steps, `COPY` and `ADD` steps, and `WORKDIR`s that make a folder. */
  steps: [run: number, copy: number, workdir: number];
  /** The images that are resolved. */
  images: number;
  /** The rule that warns, and how often. */
  warnings?: [rule: string, times: number];
}

const expected: Record<string, Expected> = {
  django: { stages: 5, steps: [7, 3, 1], images: 1 },
  'dotnet-aspnet': { stages: 4, steps: [3, 5, 4], images: 2 },
  'go-multi-stage': { stages: 6, steps: [3, 3, 1], images: 2 },
  'gradle-service': { stages: 3, steps: [3, 7, 1], images: 3 },
  grafana: { stages: 6, steps: [8, 13, 3], images: 3, warnings: ['LegacyKeyValueFormat', 1] },
  'jupyter-stack': { stages: 1, steps: [3, 2, 2], images: 1 },
  'kubernetes-operator': { stages: 2, steps: [2, 6, 1], images: 2 },
  'laravel-php-fpm': { stages: 3, steps: [6, 7, 3], images: 3 },
  'nextjs-standalone': { stages: 4, steps: [4, 6, 2], images: 1 },
  'nginx-unprivileged': { stages: 1, steps: [2, 2, 0], images: 1 },
  'node-official': { stages: 1, steps: [1, 1, 0], images: 1 },
  'phoenix-release': { stages: 2, steps: [11, 8, 2], images: 2 },
  postgres: { stages: 1, steps: [7, 1, 0], images: 1, warnings: ['LegacyKeyValueFormat', 6] },
  'python-uv': { stages: 2, steps: [3, 3, 2], images: 2 },
  'rails-default': { stages: 3, steps: [6, 4, 1], images: 1 },
  redis: { stages: 1, steps: [3, 2, 1], images: 1 },
  'rust-cargo-chef': { stages: 4, steps: [7, 4, 1], images: 2 },
  'spring-boot-layered': { stages: 4, steps: [4, 7, 3], images: 2 },
  'wordpress-apache': { stages: 1, steps: [5, 2, 0], images: 1 },
  'xx-cross-compile': { stages: 13, steps: [5, 5, 2], images: 3 },
};

/** What these images set, and their Dockerfiles use. */
const images: Record<string, ContainerConfig> = {
  'docker.io/library/php:8.2-apache': { Env: ['PATH=/bin', 'PHP_INI_DIR=/usr/local/etc/php'] },
  'docker.io/library/php:8.3-fpm-alpine': {
    Env: ['PATH=/bin', 'PHP_INI_DIR=/usr/local/etc/php', 'PHPIZE_DEPS=gcc make'],
  },
  'registry.example.com/dotnet/aspnet:9.0': { Env: ['PATH=/bin', 'APP_UID=1654'] },
};

const textOf = (name: string): string => readFileSync(`${root}${name}.Dockerfile`, 'utf8');

function planOf(name: string, target?: string, platform = amd64) {
  const buildContexts = { protos: './protos' };
  return planned(textOf(name), { bases: images, buildContexts, target, targetPlatform: platform });
}

test('the table names every file', () => {
  const names = readdirSync(root).flatMap((name) => /^(.*)\.Dockerfile$/.exec(name)?.[1] ?? []);
  assert.equal(names.sort(), Object.keys(expected).sort());
  assert.ok(names.length >= 20);
});

for (const [name, { stages, steps, images: resolved, warnings }] of Object.entries(expected)) {
  test(name, () => {
    const { stages: found } = splitStages(parseDockerfile(textOf(name), `${name}.Dockerfile`));
    assert.is(found.length, stages);
    for (const platform of [amd64, arm64]) {
      const plan = planOf(name, undefined, platform);
      const types = verticesOf(plan.target.vertex).map(({ op }) => op.type);
      const count = (wanted: string): number => types.filter((type) => type === wanted).length;
      assert.equal([count('exec'), count('copy'), count('mkdir')], steps);
      assert.is(count('image'), resolved);
      assert.equal(plan.warnings, []);
    }
    for (const stage of found) if (stage.name !== undefined) planOf(name, stage.name);
    const findings = checkText(textOf(name), { images });
    assert.equal(
      findings.filter(({ severity }) => severity !== 'warning'),
      [],
    );
    const [rule, times] = warnings ?? ['', 0];
    assert.equal(
      findings.map((finding) => finding.rule),
      Array.from({ length: times }, () => rule),
    );
  });
}

test('what the files say comes through: users, triggers, health, signals, shells', () => {
  const config = (name: string) => planOf(name).target.config;
  assert.is(config('nginx-unprivileged').User, '101:101');
  assert.equal(config('nginx-unprivileged').Healthcheck, {
    Test: ['CMD', 'wget', '--quiet', '--spider', 'http://127.0.0.1:8080/'],
    ...{ Interval: 30e9, Timeout: 3e9, StartPeriod: 5e9, StartInterval: 1e9, Retries: 3 },
  });
  assert.is(config('postgres').StopSignal, 'SIGINT');
  assert.ok(config('postgres').Env?.includes('PATH=/bin:/usr/lib/postgresql/17/bin'));
  assert.is(config('dotnet-aspnet').User, '1654');
  assert.is(config('jupyter-stack').OnBuild?.length, 3);
  assert.equal(config('jupyter-stack').Shell, ['/bin/bash', '-o', 'pipefail', '-c']);
  assert.is(config('jupyter-stack').WorkingDir, '/home/jovyan');
  assert.equal(config('xx-cross-compile').Volumes, { '/var/lib/daemon': {} });
});

test('a part of a name that the platform gives is another stage', () => {
  const darwin = { os: 'darwin', architecture: 'arm64' };
  const of = (platform: typeof darwin): string[] =>
    verticesOf(planOf('xx-cross-compile', 'binaries', platform).target.vertex).map(({ name }) => name);
  assert.ok(of(arm64).some((name) => name.includes('COPY --link --from=runc')));
  assert.not(of(darwin).some((name) => name.includes('runc')));
});

test.run();
