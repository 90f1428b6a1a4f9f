// `--output` and the other structured values are read as docker reads them, and what they can't do is told.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { splitCommaList } from '../../src/cli/comma-list.ts';
import { parseAnnotation } from '../../src/cli/commands/annotation.ts';
import { parseJobs, parseSize, parseUlimit } from '../../src/cli/commands/limits.ts';
import { parseOutput } from '../../src/cli/commands/output-spec.ts';
import { parseSecret } from '../../src/cli/commands/secret-source.ts';
import { SlipwayError } from '../../src/errors.ts';

function failure(run: () => unknown): SlipwayError {
  try {
    run();
  } catch (error) {
    assert.instance(error, SlipwayError);
    return error as SlipwayError;
  }
  throw new Error('no error');
}

const output = (text: string, ...tags: string[]) => parseOutput(text, tags).output;

const test = suite('cli/output-spec');

test('a path is a folder, a dash a tar on standard output', () => {
  assert.equal(output('out'), { type: 'local', dest: 'out' });
  assert.equal(output('a=b'), { type: 'local', dest: 'a=b' });
  assert.equal(output('-'), { type: 'tar', dest: '-' });
});

test('types take their attributes', () => {
  assert.equal(output('type=oci,dest=a.tar', 'app:1'), {
    type: 'oci',
    dest: 'a.tar',
    tar: true,
    names: ['app:1'],
  });
  assert.equal(output('type=oci,dest=d,tar=false'), { type: 'oci', dest: 'd', tar: false, names: [] });
  assert.equal(output('type=oci'), { type: 'oci', dest: '-', tar: true, names: [] });
  assert.equal(output('dest=x.tar,type=docker,"name=a:1,b"', 'app'), {
    type: 'docker',
    dest: 'x.tar',
    tar: true,
    names: ['a:1', 'b'],
  });
  assert.equal(output('type=docker'), { type: 'image' });
  assert.equal(output('type=local,"dest=with,comma"'), { type: 'local', dest: 'with,comma' });
  assert.equal(output('type=tar,dest=f.tar'), { type: 'tar', dest: 'f.tar' });
  assert.equal(output('type=cacheonly'), { type: 'cacheonly' });
  assert.equal(parseOutput('type=image,name=a', ['b']), { output: { type: 'image' }, names: ['a'] });
});

test('attributes that ask for what is done anyway are fine', () => {
  assert.equal(output('type=image,push=false,store=true,unpack=false'), { type: 'image' });
  assert.equal(output('type=local,dest=d,mode=copy'), { type: 'local', dest: 'd' });
});

test('attestations: artifacts, what goes beside images, and the names of files', () => {
  assert.equal(output('type=image,oci-artifact=true,attestation-inline=false'), {
    type: 'image',
    options: { ociArtifact: true, inlineAttestations: false },
  });
  const prefixed = { type: 'local', dest: 'd', options: { attestationPrefix: 'app-' } };
  assert.equal(output('type=local,dest=d,attestation-prefix=app-'), prefixed);
  for (const prefix of ['..', 'a/b'])
    assert.is(failure(() => output(`type=tar,attestation-prefix=${prefix}`)).code, 'ERR_USAGE');
});

test('what is known but not supported says so, with the way round', () => {
  for (const text of [
    'type=oci,dest=x,push=true',
    'type=oci,dest=x,compression=nydus',
    'type=oci,dest=x,compatibility-version=20',
    'type=oci,dest=x,name-canonical=true',
    'type=docker,push-by-digest=true,dest=x',
  ]) {
    const error = failure(() => output(text));
    assert.is(error.code, 'ERR_UNSUPPORTED', text);
    assert.ok(error.hint, text);
  }
});

test('images go to registries, under their own names or those of the command', () => {
  const own = 'type=image,"name=r.example/a:1,b",push=true';
  assert.equal(output(own), { type: 'image', push: { names: ['r.example/a:1', 'b'] } });
  assert.equal(parseOutput(own, ['t']).names, ['r.example/a:1', 'b']);
  assert.equal(parseOutput('type=registry', ['t']), {
    output: { type: 'image', store: false, push: { names: ['t'] } },
    names: [],
  });
  assert.equal(output('type=registry,push=false,store=true'), { type: 'image' });
  const digest =
    'type=image,name=r.example/a,push=true,push-by-digest=true,name-canonical=true,registry.insecure=1';
  assert.equal(parseOutput(digest, ['t']), {
    output: {
      type: 'image',
      canonicalNames: true,
      push: { names: ['r.example/a'], byDigest: true, insecure: true },
    },
    names: [],
  });
});

test('an image without a name may get one from a prefix', () => {
  const prefixed = { type: 'image', danglingPrefix: 'r.example/app' };
  assert.equal(output('type=image,dangling-name-prefix=r.example/app', 't'), prefixed);
  const emptyOnly = 'type=image,dangling-name-prefix=r.example/app,danging-name-empty-only=true';
  assert.equal(output(emptyOnly), prefixed);
  assert.equal(output(emptyOnly, 't'), { type: 'image' });
});

test('images take compression, media types, times and annotations', () => {
  const options = (text: string) => (output(`type=oci,dest=x,${text}`) as { options?: unknown }).options;
  assert.equal(options('compression=zstd,compression-level=22,force-compression=true'), {
    compression: 'zstd',
    compressionLevel: 22,
    forceCompression: true,
  });
  assert.equal(options('oci-mediatypes=false,rewrite-timestamp=1,source-date-epoch=12'), {
    ociMediaTypes: false,
    rewriteTimestamp: true,
    epoch: 12,
  });
  assert.equal(options('oci-mediatypes=,source-date-epoch='), { ociMediaTypes: true });
  assert.equal(options('Annotation.Org.Title=A=b,annotation-manifest-descriptor[linux/arm64].k=v'), {
    annotations: [
      { type: 'manifest', key: 'Org.Title', value: 'A=b' },
      {
        type: 'manifest-descriptor',
        platform: { os: 'linux', architecture: 'arm64' },
        key: 'k',
        value: 'v',
      },
    ],
  });
  assert.equal(output('type=docker,compression=uncompressed'), {
    type: 'image',
    options: { compression: 'uncompressed' },
  });
  assert.equal(output('type=image,unpack=,store=false'), { type: 'image', unpack: true, store: false });
  for (const text of [
    'compression=lzma',
    'compression-level=fast',
    'compression-level=-1',
    'force-compression=',
    'oci-mediatypes=perhaps',
    'source-date-epoch=yesterday',
    'annotation-manfest.k=v',
    'annotation-manifest[linux/arm64]=v',
    'annotation.=v',
  ]) {
    assert.is(failure(() => options(text)).code, 'ERR_USAGE', text);
  }
  assert.is(failure(() => options('annotation-manifest[a/b/c/d].k=v')).code, 'ERR_PLATFORM');
});

test('files take a folder for each platform, a time and a mode', () => {
  assert.equal(output('type=local,dest=d,mode=delete,platform-split=false,source-date-epoch=5'), {
    type: 'local',
    dest: 'd',
    clean: true,
    options: { platformSplit: false, epoch: 5 },
  });
  assert.equal(output('type=tar,dest=d,platform-split=true'), {
    type: 'tar',
    dest: 'd',
    options: { platformSplit: true },
  });
  for (const text of [
    'type=local,dest=d,mode=move',
    'type=tar,mode=delete',
    'type=local,dest=d,compression=gzip',
    'type=local,dest=d,annotation.a=b',
    'type=docker,tar=false',
  ]) {
    assert.is(failure(() => output(text)).code, 'ERR_USAGE', text);
  }
});

test('an annotation says where it goes: nowhere is the manifest', () => {
  assert.equal(parseAnnotation('a=b=c'), [{ type: 'manifest', key: 'a', value: 'b=c' }]);
  assert.equal(parseAnnotation('a='), [{ type: 'manifest', key: 'a', value: '' }]);
  assert.equal(parseAnnotation('index,manifest[linux/arm/v6]:Key=http://x:1'), [
    { type: 'index', key: 'Key', value: 'http://x:1' },
    {
      type: 'manifest',
      platform: { os: 'linux', architecture: 'arm', variant: 'v6' },
      key: 'Key',
      value: 'http://x:1',
    },
  ]);
  for (const text of ['', 'a', '=b', 'index:=b', 'Index:a=b', 'index[]:a=b', ':a=b', 'idx:a=b'])
    assert.is(failure(() => parseAnnotation(text)).code, 'ERR_USAGE', text);
  assert.match(failure(() => parseAnnotation('indx:a=b')).hint!, 'did you mean index?');
});

test('what is unknown is a usage error with the nearest word', () => {
  assert.match(failure(() => output('type=loacl,dest=x')).hint!, 'did you mean local?');
  assert.match(failure(() => output('type=oci,dst=x')).hint!, 'did you mean dest?');
  assert.match(failure(() => output('type=local,tar=false,dest=x')).message, 'tar');
  assert.match(failure(() => output('type=local')).hint!, 'dest=');
  assert.match(failure(() => output('type=oci,tar=false')).message, 'folder');
  assert.match(failure(() => output('dest=x,tar=true')).hint!, 'type=oci');
  assert.match(failure(() => output('type=oci,constructor=x')).message, 'constructor');
  for (const text of ['', 'type=', 'type=oci,dest=', 'type=oci,tar=maybe', 'type=oci,', 'type=oci,"dest=x']) {
    assert.is(failure(() => output(text)).code, 'ERR_USAGE', text);
  }
});

test('a list of fields may quote them', () => {
  assert.equal(splitCommaList('a,"b,c",d', '-o'), ['a', 'b,c', 'd']);
  assert.equal(splitCommaList('"say ""hi""",', '-o'), ['say "hi"', '']);
});

test('a secret is a file or a variable', () => {
  const env = { TOKEN: 'x' };
  assert.equal(parseSecret('id=s,src=a', env), { id: 's', type: 'file', path: 'a' });
  assert.equal(parseSecret('id=s,source=a', env), { id: 's', type: 'file', path: 'a' });
  assert.equal(parseSecret('id=s,env=N', env), { id: 's', type: 'env', name: 'N' });
  assert.equal(parseSecret('id=s,type=env,src=N', env), { id: 's', type: 'env', name: 'N' });
  assert.equal(parseSecret('id=TOKEN', env), { id: 'TOKEN', type: 'env', name: 'TOKEN' });
  assert.equal(parseSecret('id=TOKEN,type=file', env), { id: 'TOKEN', type: 'file', path: 'TOKEN' });
  assert.equal(parseSecret('id=other', env), { id: 'other', type: 'file', path: 'other' });
  for (const text of ['src=a', 'id=', 'id=s,src=a,env=b', 'id=s,type=ftp', 'id=s,file=x', 'token']) {
    assert.is(failure(() => parseSecret(text, env)).code, 'ERR_USAGE', text);
  }
});

test("sizes and limits have docker's units", () => {
  assert.is(parseSize('1024', '--shm-size'), 1024);
  assert.is(parseSize('96m', '--shm-size'), 96 * 1024 ** 2);
  assert.is(parseSize('1.5GiB', '--shm-size'), 1.5 * 1024 ** 3);
  for (const text of ['', 'm', '-1', '1x', '1e3'])
    assert.is(failure(() => parseSize(text, '--shm-size')).code, 'ERR_USAGE', text);
  assert.equal(parseUlimit('nofile=1:2'), { name: 'nofile', soft: 1, hard: 2 });
  assert.equal(parseUlimit('core=-1'), { name: 'core', soft: -1, hard: -1 });
  assert.match(failure(() => parseUlimit('bogus=1')).message, 'bogus');
  assert.match(failure(() => parseUlimit('nofiel=1')).hint!, 'nofile');
  for (const text of ['nofile', 'nofile=', 'nofile=x', 'nofile=3:2', 'nofile=-2']) {
    assert.is(failure(() => parseUlimit(text)).code, 'ERR_USAGE', text);
  }
  assert.is(parseJobs('4'), 4);
  for (const text of ['0', '-1', 'many', '1.5'])
    assert.is(failure(() => parseJobs(text)).code, 'ERR_USAGE', text);
});

test('--push stands for push=true, and what an output says of pushing holds', () => {
  for (const text of [
    'type=image,name=r.example/a,push-by-digest=true',
    'type=registry,name=r.example/a,push=false,push-by-digest=true',
  ]) {
    const { output: found } = parseOutput(text, [], true);
    assert.equal(found.type === 'image' && found.push, { names: ['r.example/a'], byDigest: true }, text);
  }
  assert.equal(parseOutput('type=oci,dest=x', [], true), parseOutput('type=oci,dest=x', []));
});

test.run();
