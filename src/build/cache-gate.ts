// Holds a build to what the cache has until all of it is known to be there: for whoever would rather do the rest elsewhere.
import type { Registries } from './registries.ts';

/** Something would have to be run, fetched or unpacked. No failure: where that can be done, the build is to be asked for again. */
class NotCached extends Error {
  constructor() {
    super('not all of the build is in the cache');
  }
}

export interface CacheGate {
  isOpen(): boolean;
  /** Comes before whatever runs, fetches or unpacks. @throws NotCached while it is closed */
  pass(): void;
  open(): void;
}

export function createCacheGate(isOpen: boolean): CacheGate {
  return {
    isOpen: () => isOpen,
    pass() {
      if (!isOpen) throw new NotCached();
    },
    open() {
      isOpen = true;
    },
  };
}

export function gatedRegistries(registries: Registries, gate: CacheGate): Registries {
  return {
    settings: registries.settings,
    async source() {
      gate.pass();
      return registries.source();
    },
    async repository(reference, options) {
      gate.pass();
      return registries.repository(reference, options);
    },
    async reader(reference) {
      gate.pass();
      return registries.reader(reference);
    },
    async http() {
      gate.pass();
      return registries.http();
    },
    close: () => registries.close(),
  };
}
