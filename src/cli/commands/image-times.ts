// buildah's flags for the times of an image: --timestamp, --source-date-epoch, --rewrite-timestamp, --created-annotation.
import { SlipwayError } from '../../errors.ts';
import type { BuildRequest, ImageOptions, OutputSpec } from '../../index.ts';
import type { Arguments } from '../arguments.ts';
import type { BuildFlagName } from './build-flags.ts';

/**
 * Adds what the flags say of times to outputs and build arguments that say nothing of them.
 * @throws ERR_USAGE
 */
export function setImageTimes(
  { texts, booleans }: Arguments<BuildFlagName>,
  outputs: OutputSpec[],
  buildArgs: BuildRequest['buildArgs'],
): void {
  const timestamp = readSeconds('timestamp', texts.timestamp);
  const epoch = readSeconds('source-date-epoch', texts['source-date-epoch']);
  if (timestamp !== undefined && epoch !== undefined) {
    throw new SlipwayError(
      'ERR_USAGE',
      '--timestamp and --source-date-epoch are two answers to one question',
      {
        hint: '--source-date-epoch tells the steps, too, and leaves earlier times as they are',
      },
    );
  }
  if (epoch !== undefined) buildArgs['SOURCE_DATE_EPOCH'] ??= `${epoch}`;
  const options: ImageOptions = {
    ...(booleans['rewrite-timestamp'] ? { rewriteTimestamp: true } : {}),
    ...(booleans['created-annotation'] ? { createdAnnotation: true } : {}),
    ...(timestamp === undefined ? {} : { epoch: timestamp, rewriteTimestamp: 'all' }),
  };
  for (const output of outputs) {
    if (output.type === 'cacheonly') continue;
    if (output.type !== 'local' && output.type !== 'tar') {
      if (Object.keys(options).length > 0) output.options = { ...options, ...output.options };
    } else if (timestamp !== undefined) {
      output.options = { epoch: timestamp, ...output.options };
    }
  }
}

function readSeconds(flag: string, text: string | undefined): number | undefined {
  if (text === undefined || /^\d{1,11}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new SlipwayError('ERR_USAGE', `--${flag}: ${JSON.stringify(text)} is no number of seconds`, {
    hint: 'give seconds since 1970, as `date +%s` prints them',
  });
}
