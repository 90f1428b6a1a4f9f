// --cache-from and --cache-to: what they mean, and that nothing is taken that is not understood.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseCacheFrom, parseCacheTo, readSharedCaches } from '../../src/cli/commands/cache-flags.ts';
import { isSlipwayError } from '../../src/errors.ts';

const test = suite('--cache-from and --cache-to');

function refused(work: () => unknown): { code: string; text: string } {
  try {
    work();
  } catch (error) {
    if (isSlipwayError(error)) return { code: error.code, text: `${error.message} | ${error.hint}` };
    throw error;
  }
  throw new Error('it was taken');
}

test('a reference alone is a registry', () => {
  const place = { type: 'registry' as const, ref: 'registry.example.com/app:cache' };
  assert.equal(parseCacheFrom(['registry.example.com/app:cache'], {}), [{ place }]);
  assert.equal(parseCacheTo(['registry.example.com/app:cache'], {}), [{ type: 'place', place, mode: 'min' }]);
});

test('every attribute of a target is read', () => {
  const text =
    'type=registry,ref=r.example.com/a,mode=max,mounts=true,image-manifest=false,oci-mediatypes=true,compression=zstd,' +
    'compression-level=19,force-compression=true,ignore-error=true,registry.insecure=true,reset=true,max-age=48h,max-size=2g';
  assert.equal(parseCacheTo([text], {}), [
    {
      type: 'place',
      place: { type: 'registry', ref: 'r.example.com/a', insecure: true },
      mode: 'max',
      mounts: true,
      imageManifest: false,
      ociMediaTypes: true,
      forceCompression: true,
      ignoreError: true,
      reset: true,
      compression: 'zstd',
      compressionLevel: 19,
      maxAge: 48 * 3600_000,
      maxSize: 2 * 1024 ** 3,
    },
  ]);
});

test('folders have a tag, and sources a digest', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  assert.equal(parseCacheFrom([`type=local,src=dir,tag=x,digest=${digest},mounts=false`], {}), [
    { place: { type: 'local', path: 'dir', tag: 'x', digest }, mounts: false },
  ]);
  assert.is(refused(() => parseCacheFrom(['type=local,src=dir,digest=x'], {})).code, 'ERR_USAGE');
});

test('buckets take what the environment has', () => {
  const [source] = parseCacheFrom(
    ['type=s3,name=a;b,prefix=p/,use_path_style=true,touch_refresh=1h,upload_parallelism=8'],
    {
      AWS_BUCKET: 'bucket',
      AWS_REGION: 'region',
    },
  );
  assert.equal(source?.place, {
    type: 's3',
    bucket: 'bucket',
    region: 'region',
    names: ['a', 'b'],
    prefix: 'p/',
    usePathStyle: true,
    touchRefresh: 3600_000,
    uploadParallelism: 8,
  });
  assert.match(refused(() => parseCacheFrom(['type=s3,region=r'], {})).text, /no bucket.*AWS_BUCKET/);
});

test('a cache in GitHub Actions has a scope, and its failures are warnings unless told otherwise', () => {
  const place = { type: 'gha' as const, scope: 'slipway' };
  assert.equal(parseCacheFrom(['type=gha'], { ACTIONS_RUNTIME_TOKEN: 'x' }), [{ place }]);
  assert.equal(parseCacheTo(['type=gha'], {}), [{ type: 'place', place, mode: 'min', ignoreError: true }]);
  const text =
    'type=gha,mode=max,scope=app,url_v2=https://x.example.com/,token=t,version=2,timeout=30s,ignore-error=false';
  assert.equal(parseCacheTo([text], {}), [
    {
      type: 'place',
      place: { type: 'gha', scope: 'app', url: 'https://x.example.com/', token: 't', timeout: 30_000 },
      mode: 'max',
      ignoreError: false,
    },
  ]);
});

test('a build argument asks for an inline cache, as docker has it', () => {
  const read = (buildArgs: Record<string, string | undefined>, env = {}) =>
    readSharedCaches({}, { env, buildArgs }).cacheTo;
  assert.equal(read({ BUILDKIT_INLINE_CACHE: '1' }), [{ type: 'inline' }]);
  assert.equal(read({ BUILDKIT_INLINE_CACHE: undefined }, { BUILDKIT_INLINE_CACHE: 'true' }), [
    { type: 'inline' },
  ]);
  assert.is(read({ BUILDKIT_INLINE_CACHE: '0' }), undefined);
  assert.is(read({}, { BUILDKIT_INLINE_CACHE: '1' }), undefined);
});

test('what is not understood is refused, with what to do', () => {
  const cases: [() => unknown, string, RegExp][] = [
    [() => parseCacheTo(['type=local,dst=x'], {}), 'ERR_USAGE', /no attribute "dst".*did you mean dest/],
    [() => parseCacheTo(['type=local'], {}), 'ERR_USAGE', /needs dest/],
    [() => parseCacheFrom(['type=local,dest=x'], {}), 'ERR_USAGE', /no attribute "dest"/],
    [() => parseCacheFrom(['type=registry,ref=x,mode=max'], {}), 'ERR_USAGE', /no attribute "mode"/],
    [() => parseCacheTo(['type=registy,ref=x'], {}), 'ERR_USAGE', /did you mean registry/],
    [() => parseCacheTo(['dest=x'], {}), 'ERR_USAGE', /has no type/],
    [
      () => parseCacheTo(['type=gha,url=https://x.example.com'], {}),
      'ERR_UNSUPPORTED',
      /url.*version 1.*url_v2/,
    ],
    [() => parseCacheTo(['type=gha,ghtoken=x'], {}), 'ERR_UNSUPPORTED', /ghtoken.*leave it out/],
    [() => parseCacheFrom(['type=gha,repository=a/b'], {}), 'ERR_UNSUPPORTED', /repository.*leave it out/],
    [() => parseCacheFrom(['type=gha,version=1'], {}), 'ERR_UNSUPPORTED', /version=1.*switched off/],
    [() => parseCacheTo(['type=gha,url_v2=results'], {}), 'ERR_USAGE', /no web address/],
    [() => parseCacheTo([`type=gha,scope=${'x'.repeat(257)}`], {}), 'ERR_USAGE', /scope/],
    [() => parseCacheTo(['type=gha,timeout=0s'], {}), 'ERR_USAGE', /timeout/],
    [() => parseCacheTo(['type=gha,image-manifest=true'], {}), 'ERR_USAGE', /no attribute/],
    [() => parseCacheFrom(['type=gha,mode=max'], {}), 'ERR_USAGE', /no attribute "mode"/],
    [() => parseCacheFrom(['type=azblob,name=x'], {}), 'ERR_UNSUPPORTED', /type=azblob/],
    [() => parseCacheTo(['type=registry,ref=x,mode=most'], {}), 'ERR_USAGE', /mode can't be "most"/],
    [() => parseCacheTo(['type=registry,ref=x,compression=estargz'], {}), 'ERR_USAGE', /compression/],
    [() => parseCacheTo(['type=registry,ref=x,compression-level=11'], {}), 'ERR_USAGE', /from 0 to 9/],
    [() => parseCacheTo(['type=registry,ref=x,ignore-error=perhaps'], {}), 'ERR_USAGE', /true or false/],
    [() => parseCacheTo(['type=registry,ref=x,max-size=big'], {}), 'ERR_USAGE', /no size/],
    [() => parseCacheTo(['type=registry,ref=x,max-age=7'], {}), 'ERR_USAGE', /max-age/],
    [() => parseCacheTo(['type=inline,mode=max'], {}), 'ERR_UNSUPPORTED', /type=registry/],
    [() => parseCacheFrom(['type=inline'], {}), 'ERR_USAGE', /ref=IMAGE/],
    [
      () => parseCacheTo(['type=registry,ref=x,image-manifest=true,oci-mediatypes=false'], {}),
      'ERR_USAGE',
      /contradict/,
    ],
  ];
  for (const [work, code, text] of cases) {
    const error = refused(work);
    assert.is(error.code, code, error.text);
    assert.match(error.text, text);
  }
});

test('an empty value is none, so that a script may leave it open', () => {
  assert.equal(readSharedCaches({ 'cache-from': [''], 'cache-to': [''] }, { env: {}, buildArgs: {} }), {});
});

test.run();
