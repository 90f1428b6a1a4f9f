// What the environment says of --metadata-file: BUILDX_METADATA_PROVENANCE and BUILDX_METADATA_WARNINGS.
import { SlipwayError } from '../../errors.ts';
import type { BuildRequest, OnEvent } from '../../index.ts';
import { environmentSwitch } from '../environment-switch.ts';
import { warningJson } from '../progress/warning-json.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** @throws ERR_USAGE */
export function readMetadataProvenance(env: Env): Pick<BuildRequest, 'metadataProvenance'> {
  const text = env['BUILDX_METADATA_PROVENANCE'] ?? '';
  if (text === '') return {};
  if (text === 'min' || text === 'max') return { metadataProvenance: text };
  if (/^(1|t|true)$/i.test(text)) return { metadataProvenance: 'min' };
  if (/^(disabled|0|f|false)$/i.test(text)) return { metadataProvenance: 'none' };
  throw new SlipwayError(
    'ERR_USAGE',
    `BUILDX_METADATA_PROVENANCE is ${JSON.stringify(text)} in the environment`,
    {
      hint: 'min, max or disabled',
    },
  );
}

export interface WarningRecord {
  /** Passes events on, and keeps warnings where they are asked for. */
  listen(onEvent: OnEvent): OnEvent;
  /** Empty where nothing is asked for, and where there were none. */
  metadata(): Record<string, unknown>;
}

const most = 1000;

/** @throws ERR_USAGE */
export function recordWarnings(env: Env): WarningRecord {
  const isOn = environmentSwitch(env, 'BUILDX_METADATA_WARNINGS') ?? false;
  const warnings: object[] = [];
  return {
    listen: (onEvent) => (event) => {
      if (isOn && event.type === 'warning' && warnings.length < most) warnings.push(warningJson(event));
      onEvent(event);
    },
    metadata: () => (warnings.length > 0 ? { 'buildx.build.warnings': warnings } : {}),
  };
}
