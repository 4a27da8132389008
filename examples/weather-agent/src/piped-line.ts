/** Characters without a line's end that are enough: nobody asks a longer question. */
const longest = 10_000;

/**
 * The first line with words that comes in by a pipe or from a file; nothing where there is none. It waits no longer than
 * `patience` milliseconds for anything to come, and for the rest of a line: whoever left the pipe open may never write.
 */
export function pipedLine(
  input: NodeJS.ReadableStream,
  signal: AbortSignal,
  patience: number,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let text = "";
    let timer = setTimeout(finish, patience);

    function take(more: string | Buffer): void {
      text = `${text}${more}`.trimStart();
      clearTimeout(timer);
      if (text.includes("\n") || text.length > longest) finish();
      else timer = setTimeout(finish, patience);
    }
    function finish(): void {
      leave();
      resolve(text.split("\n", 1)[0]?.trim() || undefined);
    }
    function abort(): void {
      leave();
      reject(signal.reason);
    }
    /** A stream that is still read from would keep the program running. */
    function leave(): void {
      clearTimeout(timer);
      input.off("data", take).off("end", finish).off("error", finish).pause();
      signal.removeEventListener("abort", abort);
    }

    input.setEncoding("utf8");
    // An input that can't be read, a folder say, is as good as none.
    input.on("data", take).on("end", finish).on("error", finish);
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
  });
}
