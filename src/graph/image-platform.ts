// What a built image says that it is for.
import type { ImageConfig } from '../oci/config.ts';
import { normalizePlatform, type Platform } from '../oci/platform.ts';
import type { StageState } from './stage-state.ts';

function platformOf({ os, architecture, variant }: ImageConfig): Platform | undefined {
  if (!os || !architecture) return undefined;
  return normalizePlatform({ os, architecture, ...(variant ? { variant } : {}) });
}

/**
 * As BuildKit: a platform that the build was asked for holds, whatever the last FROM names; else it is what the base
 * image says of itself, and that of the stage where there is none. A version of the system is always the base image's.
 */
export function imagePlatform({ base, platform }: StageState, asked: Platform | undefined): Platform {
  const own = asked ?? (base && platformOf(base)) ?? platform;
  const version = base && base.os === own.os ? base['os.version'] : undefined;
  return version ? { ...own, 'os.version': version } : own;
}
