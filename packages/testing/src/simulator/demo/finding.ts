/** What was found out about one subject of the question. */
export interface Finding {
  /** What it is about: a place, or the tool that was asked. */
  readonly subject: string;
  readonly values: readonly unknown[];
  /** The dates that were asked for. */
  readonly days: readonly string[];
}
