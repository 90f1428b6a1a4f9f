// Whole files and what they are planned to. SLIPWAY_UPDATE_FIXTURES=1 writes the expectations anew: read the difference.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Vertex } from '../../src/graph/vertex.ts';
import { type Planned, type PlanRequest, planned, verticesOf } from './plan-setup.ts';

const test = suite('plan golden');
const root = fileURLToPath(new URL('../../fixtures/plans/', import.meta.url));

/** A vertex with the numbers of its inputs in place of their ids. */
function shown(vertex: Vertex, all: readonly Vertex[]) {
  const { name, op, inputs, ignoreCache, place } = vertex;
  return {
    name,
    op,
    inputs: inputs.map((input) => (input ? all.findIndex(({ id }) => id === input.id) : null)),
    line: place.range.start.line,
    ...(ignoreCache ? { ignoreCache } : {}),
  };
}

function describe(plan: Planned) {
  const { target, warnings, rounds } = plan;
  const vertices = verticesOf(target.vertex);
  return {
    asked: rounds,
    vertices: vertices.map((vertex) => shown(vertex, vertices)),
    config: target.config,
    history: target.history.map(({ entry, vertex }) => ({
      created_by: entry.created_by,
      vertex: vertex ? vertices.findIndex(({ id }) => id === vertex.id) : null,
    })),
    warnings: warnings.map(({ message }) => message),
  };
}

for (const name of readdirSync(root)) {
  test(name, () => {
    const folder = `${root}${name}/`;
    const request = existsSync(`${folder}request.json`)
      ? (JSON.parse(readFileSync(`${folder}request.json`, 'utf8')) as PlanRequest)
      : {};
    const plan = planned(readFileSync(`${folder}Dockerfile`, 'utf8'), request);
    const written = `${JSON.stringify(describe(plan), null, 2)}\n`;
    if (process.env['SLIPWAY_UPDATE_FIXTURES']) writeFileSync(`${folder}expected.json`, written);
    assert.fixture(written, readFileSync(`${folder}expected.json`, 'utf8'));
  });
}

test.run();
