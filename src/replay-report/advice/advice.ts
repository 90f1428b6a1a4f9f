// What reordering a Dockerfile would have saved, as data: each offer was foretold over the same history.

export interface Offer {
  /** `Copy package*.json above RUN npm ci, and the rest below it`. */
  title: string;
  /** A unified diff. */
  patch: string;
  /** The whole patched text. */
  dockerfile: string;
  /** That steps would have run less, over all rebuilds. */
  seconds: number;
  /** Rebuilds that were compared, and those that would have been shorter. */
  rebuilds: number;
  shorter: number;
  /** What to look at before it is taken; '' where nothing is left to look at. */
  note: string;
}

export interface Advice {
  /** Name of the variant. */
  variant: string;
  /** The one that saves most first. They are alternatives: each is a patch of the file as it is. */
  offers: Offer[];
  /** What was thought of and is not offered, with the reason. */
  refusals: string[];
}
