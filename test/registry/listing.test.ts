// Lists that registries give in pages: which page comes next, and which does not.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RegistryCall, RegistryClient } from '../../src/registry/client.ts';
import type { HttpAnswer } from '../../src/registry/http.ts';
import { readTags } from '../../src/registry/listing.ts';

const test = suite('listing');
const { signal } = new AbortController();

/** The tags that come of pages, of which each names the next by `link`, as asked for at https://r.example. */
async function tagsOf(
  link: (page: number) => string,
  pages = 3,
): Promise<{ tags: string[]; asked: string[] }> {
  const asked: string[] = [];
  const read = async (_repository: unknown, { path }: RegistryCall): Promise<HttpAnswer> => {
    const url = path instanceof URL ? path : new URL(path, 'https://r.example/v2/app/');
    const page = asked.push(url.href);
    return {
      ...{ status: 200, url, foreign: false, truncated: false },
      headers: page < pages ? { link: link(page) } : {},
      bytes: Buffer.from(JSON.stringify({ tags: [`t${page}`] })),
    };
  };
  const client = { read } as unknown as RegistryClient;
  return { tags: await readTags(client, { registry: 'r.example', repository: 'app' }, signal), asked };
}

test('the next page is a path, a URL, or one of a registry that does not know of its TLS', async () => {
  for (const start of ['', 'https://r.example', 'http://r.example']) {
    const { tags, asked } = await tagsOf((page) => `<${start}/v2/app/tags/list?last=t${page}>; rel="next"`);
    assert.equal(tags, ['t1', 't2', 't3'], start);
    assert.ok(asked.every((url) => url.startsWith('https://r.example/')));
  }
});

test('a page of somebody else is not asked for', async () => {
  for (const target of [
    'https://other.example/v2/app/tags/list',
    'http://r.example:5000/x',
    'file:///etc/passwd',
  ]) {
    const { tags } = await tagsOf(() => `<${target}>; rel="next"`);
    assert.equal(tags, ['t1'], target);
  }
});

test.run();
