// Who owns a file, by numbers.

export interface Owner {
  uid: number;
  gid: number;
}

/** Whose is what a step made. */
export interface StepOwners {
  /** Of the step's process. */
  user: Owner;
  /** What the step gave links and the like, by clean absolute paths. */
  links: ReadonlyMap<string, Owner>;
}
