/** The end of an invocation: whatever is held up then fails. */
export interface Ending {
  /** Why it came, once it has. */
  readonly error: Error | undefined;
  /** The first reason stands. */
  end(why: string): Error;
  /** Never answers: only the signal or the end settles it. */
  hold(signal?: AbortSignal): Promise<never>;
}

class InvocationEndedError extends Error {
  override readonly name = "InvocationEndedError";
}

export function createEnding(): Ending {
  const held = new Set<(error: Error) => void>();
  let error: Error | undefined;
  return {
    get error() {
      return error;
    },
    end(why) {
      error ??= new InvocationEndedError(why);
      for (const reject of held) reject(error);
      return error;
    },
    hold: (signal) =>
      new Promise((_, reject) => {
        if (error !== undefined) return reject(error);
        held.add(reject);
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      }),
  };
}
