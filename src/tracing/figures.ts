// Figures beside the spans: memory, CPU time, and how long the event loop kept others waiting.
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Milliseconds between figures. */
const interval = 50;

/**
 * Tells figures until it is disposed of; keeps no process alive.
 * @param tell gets milliseconds since the process began.
 */
export function watchFigures(
  tell: (name: string, values: Readonly<Record<string, number>>, time: number) => void,
): Disposable {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  let before = process.cpuUsage();
  let since = performance.now();
  const look = (): void => {
    const time = performance.now();
    const { rss, heapUsed, external } = process.memoryUsage();
    const mebibytes = (bytes: number): number => Math.round((bytes / (1 << 20)) * 100) / 100;
    tell(
      'memory (MiB)',
      { rss: mebibytes(rss), heap: mebibytes(heapUsed), external: mebibytes(external) },
      time,
    );
    const used = process.cpuUsage(before);
    const percent = (micros: number): number => Math.round(micros / 10 / Math.max(1, time - since));
    tell('CPU (%)', { user: percent(used.user), system: percent(used.system) }, time);
    before = process.cpuUsage();
    since = time;
    tell(
      'event loop delay (ms)',
      { most: Number.isFinite(delay.max) ? Math.round(delay.max / 1e4) / 100 : 0 },
      time,
    );
    delay.reset();
  };
  look();
  const timer = setInterval(look, interval);
  timer.unref();
  return {
    [Symbol.dispose]() {
      look();
      clearInterval(timer);
      delay.disable();
    },
  };
}
