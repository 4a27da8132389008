/** Why the API would refuse something, and what to do about it: the first half of one sentence, and another sentence, without full stops. */
export interface Problem {
  readonly problem: string;
  readonly wayOut: string;
}
