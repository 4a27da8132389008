/** Where a command's words go: what was asked for to standard output, everything else to standard error. */
export interface Terminal {
  say(text: string): void;
  error(text: string): void;
}

export interface Command {
  readonly usage: string;
  readonly summary: string;
  /** Gives the exit code: 0 done, 1 failed, 2 bad usage, 3 waits for a person. */
  run(words: readonly string[], terminal: Terminal): Promise<number>;
}
