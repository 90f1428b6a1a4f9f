// Flags that Buildah, Kaniko and docker's older builder have and `slipway build` has not: each is refused with the way round.
import type { Flag } from '../arguments.ts';

const steps =
  'RUN steps take it from the Dockerfile or not at all: see RUN --network, --security and --mount';
const unannotated = 'leave it out: annotations of the base image are not inherited';
const layers = 'leave it out: what changed is known without comparing files';
const noSignature = 'sign the image afterwards, for instance with cosign';
const cached = 'leave it out: every step is cached, and --cache-to with mode=max shares all of them';
const inTheURL = 'write it into the URL: https://HOST/REPOSITORY.git#REF:FOLDER';
const attested = 'use --sbom=true, which has a scanner built in';
const resource = (name: string): string => `use --resource ${name}=…`;

/** The way round, by the flag's name. */
const ways: Record<string, string> = {
  'cpp-flag': 'run cpp yourself: cpp -P Containerfile.in | slipway build -f - .',
  ignorefile: 'name it Dockerfile.dockerignore, beside the Dockerfile',
  arch: 'use --platform linux/ARCH',
  os: 'use --platform OS/ARCH',
  variant: 'use --platform OS/ARCH/VARIANT',
  'os-version': 'use --platform "OS(VERSION)/ARCH"',
  'os-feature': 'leave it out',
  'all-platforms': 'name them: --platform linux/amd64,linux/arm64',
  'custom-platform': 'use --platform',
  cache: 'leave it out: every step is cached; --no-cache runs them anew',
  'cache-repo': 'use --cache-to and --cache-from with type=registry,ref=…',
  'cache-copy-layers': cached,
  'cache-run-layers': cached,
  'compressed-caching': 'use compression=gzip or uncompressed in --cache-to',
  'cache-dir': 'use --root DIR, or --cache-to and --cache-from with type=local',
  'save-stages': 'build each stage with --target and --tag',
  'stage-labels': 'build each stage with --target and --tag',
  unsetannotation: unannotated,
  'inherit-labels': 'use --unsetlabel KEY',
  'inherit-annotations': unannotated,
  'layer-label': 'use --label',
  device: 'steps get no devices',
  'cap-add': 'use RUN --security=insecure with --allow security.insecure',
  'cap-drop': steps,
  userns: steps,
  dns: steps,
  'hooks-dir': steps,
  'no-hosts': steps,
  'no-hostname': steps,
  'memory-swap': resource('memory-swap'),
  'cpu-shares': resource('cpu-shares'),
  'cpu-period': resource('cpu-period'),
  'cpu-quota': resource('cpu-quota'),
  'cpuset-mems': resource('cpuset-mems'),
  'disable-content-trust': 'leave it out: pin base images by digest, FROM name@sha256:…',
  'decryption-key': 'decrypt the image first, for instance with skopeo copy --decryption-key',
  'encryption-key': 'encrypt the image afterwards, for instance with skopeo copy --encryption-key',
  'sign-by': noSignature,
  cw: 'not supported in any form: make the disk image from --output type=tar',
  'sbom-output': attested,
  'sbom-scanner-command': attested,
  'sbom-scanner-image': attested,
  'sbom-image-output': attested,
  'proxy-network': 'leave it out; --provenance names what the build itself fetched',
  context: 'give the folder or the URL as the last argument: slipway build [flags] PATH',
  dockerfile: 'use --file',
  'context-sub-path': inTheURL,
  git: inTheURL,
  verbosity: 'use --progress plain, --quiet or --debug',
  'log-format': 'use --progress rawjson',
  destination: 'use --tag, with --push to push',
  'tar-path': 'use --output type=docker,dest=PATH',
  'oci-layout-path': 'use --output type=oci,tar=false,dest=PATH',
  'no-push': 'leave it out: nothing is pushed without --push',
  'no-push-cache': 'leave it out: no cache is exported without --cache-to',
  'skip-tls-verify': 'use --tls-verify=false',
  'skip-tls-verify-pull': 'use --tls-verify=false, or --insecure HOST',
  'skip-tls-verify-registry': 'use --insecure HOST',
  'insecure-pull': 'use --insecure HOST',
  'insecure-registry': 'use --insecure HOST',
  'registry-map': 'use --registry-mirror HOST=MIRROR',
  'push-retry': 'use --retry',
  'image-download-retry': 'use --retry',
  'image-name-with-digest-file': 'use --metadata-file, which has name and digest',
  'image-name-tag-with-digest-file': 'use --metadata-file, which has name and digest',
  'ignore-path': layers,
  'ignore-var-run': layers,
  'use-new-run': layers,
  'kaniko-dir': 'use --root DIR',
  force: 'leave it out: a build changes nothing of the machine that it runs on',
  cleanup: 'leave it out: a build changes nothing of the machine that it runs on',
};

/** Not in help, which is about what there is. */
export const foreignFlags: readonly Flag<never>[] = Object.entries(ways).map(([name, way]) => ({
  name: name as never,
  type: 'boolean',
  group: '',
  help: '',
  unsupported: { way },
}));
