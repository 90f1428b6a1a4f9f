// What a check of shell code finds, at offsets of its text.
import type { Fix } from '../fix.ts';
import type { Place } from './place.ts';

export interface ShellReport {
  place: Place;
  message: string;
  /** Offsets in the place's text; of its node where left out. */
  from?: number | undefined;
  to?: number | undefined;
  fix?: { safety: Fix['safety']; title: string; edits: readonly ShellEdit[] } | undefined;
}

/** Puts a text in the place of what is between two offsets. */
export interface ShellEdit {
  from: number;
  to: number;
  text: string;
}
