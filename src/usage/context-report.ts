// What a build's contexts hold, as plain data: what `slipway context` tells.
import type { ContextNode, Figures } from './context-node.ts';
import type { ContextStep } from './context-step.ts';

/** One line of an ignore file. */
export interface IgnoreRule {
  /** As it is written. */
  text: string;
  /** From 1. */
  line: number;
}

export interface ContextUse {
  /** '' is the main one. */
  name: string;
  /** As the user names it: a folder, a URL, `-`. */
  source: string;
  /** The ignore file that counts, as messages name it; undefined where there is none. */
  ignoreFile: string | undefined;
  /** Its lines, by the nodes' `decider`. */
  rules: IgnoreRule[];
  /** The place in `rules` of the one that decides about a path, there or not; -1 where none matches. */
  decider(path: string): number;
  root: ContextNode;
  kept: Figures;
  leftOut: Figures;
  /** Of what is kept: what no step reads. */
  unused: Figures;
}

/** What the ignore file would be. */
export interface IgnoreChange {
  /** Its path on this machine. */
  path: string;
  /** As messages name it. */
  name: string;
  /** Undefined where it is new. */
  before: string | undefined;
  after: string;
  lines: string[];
}

/** A step's own figures: what it reads of all contexts. */
export type ReportedStep = ContextStep & {
  reads: ContextStep['reads'];
  figures: Figures;
  /** Why a source of it can't be read. */
  problems: string[];
};

export interface ContextReport {
  dockerfile: string;
  /** The main one first. */
  contexts: ContextUse[];
  /** By the places that the nodes' `readers` name. */
  steps: ReportedStep[];
  /** What limits what is said here. */
  notes: string[];
  /** Of the main context, where one was asked for and something is to be left out. */
  change: IgnoreChange | undefined;
}
