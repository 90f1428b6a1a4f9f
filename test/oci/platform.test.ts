import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  formatPlatform,
  localPlatform,
  matchPlatform,
  normalizePlatform,
  parsePlatform,
  samePlatform,
} from '../../src/oci/platform.ts';
import { throws } from '../dockerfile/throws.ts';

const test = suite('platform');
const local = { os: 'linux', architecture: 'amd64' };
const parse = (text: string) => formatPlatform(parsePlatform(text, local));

test('names of other tools become those of Go', () => {
  const spellings: Record<string, string> = {
    'linux/x86_64': 'linux/amd64',
    'linux/x86-64': 'linux/amd64',
    'linux/aarch64': 'linux/arm64',
    'linux/i386': 'linux/386',
    'linux/armhf': 'linux/arm/v7',
    'linux/armel': 'linux/arm/v6',
    'LINUX/AMD64': 'linux/amd64',
    'macos/arm64': 'darwin/arm64',
  };
  for (const [written, meant] of Object.entries(spellings)) assert.is(parse(written), meant);
});

test('a variant that is implied is dropped, that of arm is spelled out', () => {
  assert.is(parse('linux/arm64/v8'), 'linux/arm64');
  assert.is(parse('linux/arm64/8'), 'linux/arm64');
  assert.is(parse('linux/amd64/v1'), 'linux/amd64');
  assert.is(parse('linux/amd64/v3'), 'linux/amd64/v3');
  assert.is(parse('linux/arm'), 'linux/arm/v7');
  assert.is(parse('linux/arm/6'), 'linux/arm/v6');
});

test('one word is an operating system or an architecture; the rest comes from the machine', () => {
  assert.is(parse('arm64'), 'linux/arm64');
  assert.is(parse('windows'), 'windows/amd64');
  assert.is(parse('local'), 'linux/amd64');
  assert.is(parse(' linux '), 'linux/amd64');
});

test('a version of the operating system stands in brackets and is kept', () => {
  assert.equal(parsePlatform('windows(10.0.17763)/amd64', local), {
    os: 'windows',
    architecture: 'amd64',
    'os.version': '10.0.17763',
  });
});

test('what is no platform is refused with how to write one', () => {
  for (const text of ['', 'linux/', '/amd64', 'linux//v7', 'linux/arm/v7/x', 'linux amd64', 'linux/$ARCH'])
    throws(() => parsePlatform(text, local), 'ERR_PLATFORM', /os\/arch/);
});

test('names of object members are names like all others', () => {
  for (const name of ['constructor', '__proto__', 'hasownproperty'])
    assert.is(normalizePlatform({ os: 'linux', architecture: name }).architecture, name);
});

test('normalising twice changes nothing more, and what is formatted parses to the same', () => {
  const word = fc.constantFrom(
    'linux',
    'windows',
    'arm',
    'arm64',
    'amd64',
    'armel',
    'x86_64',
    'riscv64',
    'js',
  );
  const variant = fc.option(fc.constantFrom('v5', 'v6', 'v7', 'v8', '8', '6', 'v1'), { nil: undefined });
  fc.assert(
    fc.property(word, word, variant, (os, architecture, v) => {
      const once = normalizePlatform({ os, architecture, ...(v ? { variant: v } : {}) });
      assert.equal(normalizePlatform(once), once);
      assert.equal(parsePlatform(formatPlatform(once), local), once);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('two spellings of one platform are the same', () => {
  assert.ok(samePlatform({ os: 'linux', architecture: 'aarch64' }, parsePlatform('linux/arm64/v8', local)));
  assert.not(samePlatform(local, { os: 'linux', architecture: 'arm64' }));
});

test("the machine's own platform is Linux in Go's words", () => {
  const names = { x64: 'amd64', ia32: '386', arm64: 'arm64', arm: 'arm', riscv64: 'riscv64' };
  for (const [arch, architecture] of Object.entries(names))
    assert.is(localPlatform({ arch, platform: 'darwin' }).architecture, architecture);
  assert.is(localPlatform({ arch: 'x64', platform: 'darwin' }).os, 'linux');
});

const entries = (...names: string[]) => names.map((name) => ({ name, platform: parsePlatform(name, local) }));
const matched = (list: ReturnType<typeof entries>, wanted: string) =>
  matchPlatform(list, parsePlatform(wanted, local))?.name;

test('of an index the entry of the platform is taken, whatever its place', () => {
  const list = entries('linux/arm64', 'windows/amd64', 'linux/amd64');
  assert.is(matched(list, 'linux/amd64'), 'linux/amd64');
  assert.is(matched(list, 'linux/s390x'), undefined);
});

test('arm/v7 takes v7, then v6, then v5, and never what is newer', () => {
  assert.is(matched(entries('linux/arm/v5', 'linux/arm/v6', 'linux/arm/v7'), 'linux/arm'), 'linux/arm/v7');
  assert.is(matched(entries('linux/arm/v5', 'linux/arm/v6'), 'linux/arm/v7'), 'linux/arm/v6');
  assert.is(matched(entries('linux/arm/v5'), 'linux/arm/v7'), 'linux/arm/v5');
  assert.is(matched(entries('linux/arm/v7'), 'linux/arm/v6'), undefined);
});

test('levels of amd64 and arm64 take the nearest below them, and none above', () => {
  assert.is(matched(entries('linux/amd64', 'linux/amd64/v2'), 'linux/amd64/v3'), 'linux/amd64/v2');
  assert.is(matched(entries('linux/arm64', 'linux/amd64'), 'linux/amd64/v3'), 'linux/amd64');
  assert.is(matched(entries('linux/amd64/v2'), 'linux/amd64'), undefined);
  assert.is(matched(entries('linux/arm64', 'linux/amd64'), 'linux/arm64/v9'), 'linux/arm64');
  assert.is(matched(entries('linux/arm64/v8.1', 'linux/arm64/v8.5'), 'linux/arm64/v9.0'), 'linux/arm64/v8.5');
  assert.is(matched(entries('linux/arm64/v9'), 'linux/arm64'), undefined);
});

test('amd64 and arm64 take images of 32 bits where there is nothing else', () => {
  assert.is(matched(entries('linux/386', 'linux/amd64'), 'linux/amd64'), 'linux/amd64');
  assert.is(matched(entries('linux/386', 'linux/arm64'), 'linux/amd64'), 'linux/386');
  assert.is(matched(entries('linux/arm/v6', 'linux/arm/v7'), 'linux/arm64'), 'linux/arm/v7');
  assert.is(matched(entries('linux/amd64'), 'linux/386'), undefined);
});

test('a version of the system that is asked for is taken where the index has it', () => {
  const list = ['10.0.17763.1', '10.0.20348.9'].map((version) => ({
    name: version,
    platform: { os: 'windows', architecture: 'amd64', 'os.version': version },
  }));
  assert.is(matched(list, 'windows(10.0.20348)/amd64'), '10.0.20348.9');
  assert.is(matched(list, 'windows/amd64'), '10.0.17763.1');
  assert.is(matched(list, 'windows(10.0.9)/amd64'), '10.0.17763.1');
});

test('an entry without a platform is never taken', () => {
  assert.is(matchPlatform([{}], local), undefined);
});

test.run();
