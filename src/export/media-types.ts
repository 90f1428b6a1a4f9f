// The two spellings of media types: the OCI spec's, and Docker's for what reads nothing else.
import { mediaType } from '../oci/media-type.ts';

export interface MediaTypes {
  index: string;
  manifest: string;
  config: string;
  /** Of a layer, by the type that it has elsewhere. */
  layer(type: string): string;
}

const dockerLayer = 'application/vnd.docker.image.rootfs.diff.tar';

function layerTypes(types: { plain: string; gzip: string; zstd: string }): (type: string) => string {
  return (type) => {
    if (/zstd$/.test(type)) return types.zstd;
    return /gzip$/.test(type) ? types.gzip : types.plain;
  };
}

const oci: MediaTypes = {
  index: mediaType.ociIndex,
  manifest: mediaType.ociManifest,
  config: mediaType.ociConfig,
  layer: layerTypes({
    plain: mediaType.ociLayer,
    gzip: mediaType.ociLayerGzip,
    zstd: mediaType.ociLayerZstd,
  }),
};

const docker: MediaTypes = {
  index: mediaType.dockerIndex,
  manifest: mediaType.dockerManifest,
  config: mediaType.dockerConfig,
  layer: layerTypes({ plain: dockerLayer, gzip: mediaType.dockerLayerGzip, zstd: `${dockerLayer}.zstd` }),
};

export function mediaTypes(isOci: boolean): MediaTypes {
  return isOci ? oci : docker;
}
