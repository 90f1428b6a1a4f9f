// Flags of buildah's and kaniko's builds that are refused, each with the way round.
import type { Flag } from '../arguments.ts';

const group = 'Not supported';

export const refusedBuildahFlags = [
  {
    name: 'identity-label',
    type: 'boolean',
    group,
    help: 'label the image with the version of its builder',
    unsupported: { way: 'leave it out, and say it yourself: --label builder=slipway', except: ['false'] },
  },
  {
    name: 'layers',
    type: 'boolean',
    group,
    help: 'keep the layers of steps',
    unsupported: { way: 'use --squash for one layer, --no-cache to run every step', except: ['true'] },
  },
  {
    name: 'format',
    type: 'text',
    group,
    help: 'form of manifest and config',
    unsupported: {
      way: "use --output type=oci,oci-mediatypes=false,dest=image.tar for Docker's media types",
      except: ['oci'],
    },
  },
  {
    name: 'manifest',
    type: 'text',
    group,
    help: 'add the image to an index',
    unsupported: { way: 'build all platforms at once: --platform linux/amd64,linux/arm64 -t NAME' },
  },
  {
    name: 'disable-compression',
    type: 'boolean',
    group,
    help: 'leave layers uncompressed',
    unsupported: { way: 'use --output type=oci,compression=uncompressed,dest=image.tar', except: ['false'] },
  },
  {
    name: 'volume',
    type: 'list',
    group,
    help: 'mount a folder in all steps',
    unsupported: { way: 'use --build-context NAME=FOLDER and RUN --mount=type=bind,from=NAME' },
  },
  {
    name: 'env',
    type: 'list',
    group,
    help: 'set a variable in steps and image',
    unsupported: { way: 'write ARG and ENV in the Dockerfile, and use --build-arg' },
  },
  {
    name: 'reproducible',
    type: 'boolean',
    group,
    help: 'leave times out',
    unsupported: { way: 'use --timestamp 0', except: ['false'] },
  },
  {
    name: 'snapshot-mode',
    type: 'text',
    group,
    help: 'how changes are found',
    unsupported: { way: 'leave it out: changes are never looked for', except: ['full'] },
  },
] as const satisfies readonly Flag[];
