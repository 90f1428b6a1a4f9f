// A change of a Dockerfile that is thought of, before anything is known of what it saves.

export interface Candidate {
  title: string;
  /** The whole changed text. */
  text: string;
  /** What nobody can know without looking; '' where there is nothing. */
  note: string;
}

export interface Candidates {
  candidates: Candidate[];
  /** Why a change that suggests itself was not thought of further: one line each. */
  refusals: string[];
}
