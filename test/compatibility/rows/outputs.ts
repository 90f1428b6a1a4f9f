// Rows: --output.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Probe, Section } from '../row.ts';

const files = { f: 'x' };
const dockerfile = 'FROM scratch\nCOPY f /\n';
const output = (text: string, rest: Partial<Probe> = {}): Probe => ({
  dockerfile,
  files,
  flags: [`--output=${text}`],
  ...rest,
});
const layout = (attributes: string, rest: Partial<Probe> = {}): Probe =>
  output(`type=oci,tar=false,dest=../image,${attributes}`, rest);
const pushed = (text: string, rest: Partial<Probe> = {}): Probe => ({
  needs: ['registry'],
  dockerfile,
  files,
  ...rest,
  flags: [...(rest.flags ?? []), `--output=${text}`],
});
const refuse = (text: string): Probe => output(text, { refused: true });

export const outputs: Section = {
  slug: 'outputs',
  title: 'Outputs',
  rows: [
    {
      slug: 'output-image',
      what: '`type=image` with `name=` (several with commas), `unpack`, `store`',
      status: 'yes',
      probes: [
        output('type=image,"name=a:1,b:2"', { stderr: /a:1.*b:2/ }),
        output('type=image,name=one,unpack=true,store=true', { stderr: /one:latest/ }),
      ],
    },
    {
      slug: 'output-push',
      what: '`type=image,push=true`, `push-by-digest=true`, `name-canonical=true`',
      status: 'yes',
      probes: [
        pushed('type=image,push=true,name={registry}/pushed:2'),
        pushed('type=image,push=true,push-by-digest=true,name={registry}/pushed', {
          flags: ['--metadata-file=../m.json'],
          wrote: { 'm.json': 'containerimage.digest' },
        }),
      ],
    },
    {
      slug: 'output-registry-insecure',
      what: '`registry.insecure=true`',
      status: 'yes',
      probes: [pushed('type=registry,registry.insecure=true,name={registry}/pushed:3')],
    },
    {
      slug: 'output-name-attributes',
      what: '`dangling-name-prefix`, `danging-name-empty-only`',
      status: 'yes',
      probes: [
        output('type=image,dangling-name-prefix=x,danging-name-empty-only=true', { stderr: /built sha256/ }),
      ],
    },
    {
      slug: 'output-registry',
      what: '`type=registry`',
      status: 'yes',
      probes: [pushed('type=registry,name={registry}/pushed:4')],
    },
    {
      slug: 'output-oci',
      what: '`type=oci` with `dest`, `tar`, `name`',
      status: 'yes',
      probes: [
        output('type=oci,dest=../i.tar', { wrote: { 'i.tar': 'oci-layout' } }),
        output('type=oci,dest=-', { stdout: 'oci-layout' }),
        layout('name=a:1', { tree: { '/f': 'x' }, wrote: { 'image/index.json': 'a:1' } }),
      ],
    },
    {
      slug: 'output-docker',
      what: '`type=docker` with `dest`, `tar`, `name`: an archive for `docker load` that is an OCI layout as well',
      status: 'yes',
      note: 'One platform',
      probes: [
        output('type=docker,dest=../i.tar,name=a:1', {
          see: ({ folder }) => {
            const text = readFileSync(join(folder, 'i.tar'), 'latin1');
            for (const name of ['oci-layout', 'manifest.json', 'repositories'])
              assert.ok(text.includes(name), name);
          },
        }),
        {
          dockerfile,
          files,
          flags: ['--output=type=docker,dest=../i.tar', '--platform=linux/amd64,linux/arm64'],
          refused: true,
        },
      ],
    },
    {
      slug: 'output-docker-context',
      what: '`type=docker,context=`',
      status: 'no',
      probes: [refuse('type=docker,context=x')],
    },
    {
      slug: 'output-local',
      what: '`type=local` with `dest`, `mode=copy|delete`, `platform-split`, `attestation-prefix`',
      status: 'yes',
      probes: [
        output('type=local,dest=../out', { wrote: { 'out/f': 'x' } }),
        {
          dockerfile,
          files: { f: 'x', 'out/old': '' },
          flags: ['--output=type=local,dest=out/,mode=delete,platform-split=true', '--platform=linux/arm64'],
          wrote: { 'context/out/linux_arm64/f': 'x' },
          see: ({ folder }) => assert.not(existsSync(join(folder, 'context/out/old'))),
        },
        {
          dockerfile,
          files,
          flags: ['--output=type=local,dest=../out', '--platform=linux/arm64,linux/amd64'],
          wrote: { 'out/linux_arm64/f': 'x', 'out/linux_amd64/f': 'x' },
        },
      ],
    },
    {
      slug: 'output-tar',
      what: '`type=tar` with the same',
      status: 'yes',
      probes: [output('type=tar,dest=../o.tar', { wrote: { 'o.tar': 'ustar' } })],
    },
    {
      slug: 'output-cacheonly',
      what: '`type=cacheonly`',
      status: 'yes',
      probes: [output('type=cacheonly')],
    },
    {
      slug: 'output-compression',
      what: '`compression=gzip|zstd|uncompressed`',
      status: 'yes',
      probes: [
        layout('compression=gzip', { see: ends('+gzip') }),
        layout('compression=uncompressed', { see: ends('.tar') }),
        layout('compression=zstd', { needs: ['zstd'], see: ends('+zstd') }),
      ],
    },
    {
      slug: 'output-estargz',
      what: '`compression=estargz`',
      status: 'yes',
      probes: [
        layout('compression=estargz', {
          see: async ({ image }) => {
            const [layer] = (await image()).manifest.layers;
            assert.ok(
              layer?.annotations?.['containerd.io/snapshot/stargz/toc.digest'],
              JSON.stringify(layer),
            );
          },
        }),
      ],
    },
    {
      slug: 'output-compression-level',
      what: '`compression-level`',
      status: 'yes',
      probes: [
        layout('compression-level=9'),
        output('type=oci,dest=../x,compression-level=99', { fails: '99' }),
      ],
    },
    {
      slug: 'output-force-compression',
      what: '`force-compression`',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM base\nLABEL a=1\n',
          flags: [
            '--output=type=oci,tar=false,dest=../image,compression=uncompressed,force-compression=true',
          ],
          see: ends('.tar'),
        },
      ],
    },
    {
      slug: 'output-mediatypes',
      what: "`oci-mediatypes`; false gives Docker's",
      status: 'yes',
      note: 'OCI where nothing is said, as BuildKit does of late',
      probes: [
        layout('oci-mediatypes=false', {
          see: async ({ image }) => assert.match((await image()).manifest.mediaType, /vnd\.docker/),
        }),
      ],
    },
    {
      slug: 'output-oci-artifact',
      what: '`oci-artifact`: attestations as artifacts with a subject',
      status: 'yes',
      note: 'Only where it is asked for',
      probes: [
        {
          dockerfile,
          files,
          flags: ['--provenance=true', '--output=type=oci,dest=../i.tar,oci-artifact=true'],
          wrote: { 'i.tar': '"subject"' },
        },
      ],
    },
    {
      slug: 'output-annotations',
      what: '`annotation.KEY=`, `annotation-TYPE[PLATFORM].KEY=`',
      status: 'yes',
      probes: [
        layout('annotation.a=1,annotation-manifest-descriptor.b=2', {
          see: async ({ image }) => {
            const { manifest, index } = await image();
            assert.is(manifest.annotations?.['a'], '1');
            assert.is(index.manifests[0]?.annotations?.['b'], '2');
          },
        }),
      ],
    },
    {
      slug: 'output-rewrite-timestamp',
      what: '`rewrite-timestamp`, `source-date-epoch`',
      status: 'yes',
      note: 'The layers of the base image stay as they are',
      probes: [
        layout('rewrite-timestamp=true,source-date-epoch=7', {
          tree: { '/f': { mtime: 7 } },
          config: { created: '1970-01-01T00:00:07Z' },
        }),
      ],
    },
    {
      slug: 'output-attestation-inline',
      what: '`attestation-inline`',
      status: 'yes',
      probes: [layout('attestation-inline=false')],
    },
    {
      slug: 'output-nondist',
      what: '`prefer-nondist-layers`',
      status: 'no',
      probes: [refuse('type=oci,dest=../i.tar,prefer-nondist-layers=true')],
    },
    {
      slug: 'output-compatibility-version',
      what: '`compatibility-version`',
      status: 'no',
      probes: [refuse('type=oci,dest=../i.tar,compatibility-version=20')],
    },
    {
      slug: 'output-several',
      what: 'Several outputs of one build',
      status: 'yes',
      probes: [
        {
          dockerfile,
          files,
          flags: ['--output=type=oci,dest=../i.tar', '--output=../out', '--output=type=image'],
          wrote: { 'i.tar': 'oci-layout', 'out/f': 'x' },
        },
      ],
    },
    {
      slug: 'output-transports',
      what: 'Buildah: `containers-storage:`, `docker-daemon:`, `dir:`, `oci-archive:`',
      status: 'no',
      unproven: 'a path alone is a folder for the files, as in `docker buildx build`, whatever it is called',
    },
    {
      slug: 'output-upload',
      what: 'Pushing: blobs that are there are skipped, others mounted from another repository or uploaded; broken uploads go on where they broke',
      status: 'yes',
      probes: [
        pushed('type=registry,name={registry}/first:1', {
          before: [['build', '--output=type=registry,name={registry}/second:1', '.']],
        }),
      ],
    },
    {
      slug: 'output-nydus',
      what: 'Nydus, overlaybd, zstd:chunked, SOCI',
      status: 'no',
      probes: [refuse('type=oci,dest=../i.tar,compression=nydus')],
    },
  ],
};

function ends(suffix: string): Probe['see'] & object {
  return async ({ image }) => {
    for (const { mediaType } of (await image()).manifest.layers)
      assert.ok(mediaType.endsWith(suffix), mediaType);
  };
}
