// `slipway doctor --store`: what a check of the state folder found, for people or as JSON.
import type { Engine, StoreFinding, StoreReport } from '../../../index.ts';
import { harmless } from '../../progress/harmless.ts';
import type { Session } from '../../session.ts';

/** The exit code becomes 1 where the store is not sound. @throws ERR_STORE */
export async function checkStore(
  given: { quick?: boolean; repair?: boolean; json?: boolean },
  images: Pick<Engine['images'], 'check'>,
  session: Session,
): Promise<void> {
  const request = { quick: given.quick ?? false, repair: given.repair ?? false };
  const report = await images.check(request, { signal: session.signal });
  session.stdout.write(
    given.json ? `${JSON.stringify(report, undefined, 2)}\n` : `${storeText(report).join('\n')}\n`,
  );
  if (!report.sound) session.failure.exitCode = 1;
}

const sizeText = (bytes: number): string =>
  bytes < 1 << 20 ? `${Math.ceil(bytes / 1024)} KiB` : `${Math.round(bytes / (1 << 20))} MiB`;

function storeText({ root, sound, quick, checked, findings, more }: StoreReport): string[] {
  const counts = checked
    .filter(({ count }) => count > 0)
    .map(({ part, count, absent, bytes }) => {
      const notes = [
        ...(bytes ? [`${sizeText(bytes)} read`] : []),
        ...(absent ? [`${absent} without their layer here: it is fetched or made when it is needed`] : []),
      ];
      return `  ${part.padEnd(13)} ${count}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`;
    });
  const damaged = findings.filter(({ kind }) => kind === 'damage');
  const left = findings.filter(({ kind }) => kind === 'leftover');
  const repair = findings.some(({ repaired }) => repaired)
    ? []
    : ['slipway doctor --store --repair mends it'];
  return [
    `${harmless(root)}: ${sound ? 'sound' : 'not sound'}${quick ? ', as far as sizes tell' : ''}`,
    ...counts,
    ...(damaged.length > 0 ? ['Damaged:', ...damaged.map(findingText)] : []),
    ...(left.length > 0
      ? ["Left by processes that are dead, and in nobody's way:", ...left.map(findingText)]
      : []),
    ...(more > 0 ? [`and ${more} more`] : []),
    ...(findings.length > 0 ? repair : []),
  ];
}

function findingText({ path, what, remedy, repaired }: StoreFinding): string {
  return `  ${harmless(path)} ${harmless(what)}\n    ${repaired ? 'done: ' : ''}${harmless(remedy)}`;
}
