/** Standard output can't be written to: the disk is full, or whoever read it is gone. */
export class OutputError extends Error {
  override name = "OutputError";
  /** A reader who has seen enough (`| head`) is no failure that anybody needs to be told of. */
  readonly isReaderGone: boolean;

  constructor(cause: NodeJS.ErrnoException) {
    super(`standard output can't be written to (${cause.code ?? cause.message}).`, { cause });
    this.isReaderGone = cause.code === "EPIPE";
  }
}

/**
 * Resolves once the text is written, rejects with `OutputError` where that fails. A failure is an event of the stream
 * too, and one that nobody listens to would end the program with a stack.
 */
export function print(text: string, output: NodeJS.WritableStream = process.stdout): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) => reject(new OutputError(cause));
    output.on("error", fail);
    output.write(text, (cause) => (cause ? fail(cause) : resolve()));
  });
}

/** Lets the program finish where nobody reads what it says of itself: the answer goes another way. */
export function ignoreFailures(stream: NodeJS.WritableStream): void {
  stream.on("error", () => {});
}
