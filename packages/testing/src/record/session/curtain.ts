/** Ends a life: whatever is held up then fails. */
export interface Curtain {
  /** Why it fell, once it has. */
  readonly fallen: Error | undefined;
  /** The first reason stands. */
  fall(why: string): Error;
  /** Never answers: only the signal or the curtain ends it. */
  hold(signal?: AbortSignal): Promise<never>;
}

class CurtainError extends Error {
  override readonly name = "CurtainError";
}

export function createCurtain(): Curtain {
  const held = new Set<(error: Error) => void>();
  let fallen: Error | undefined;
  return {
    get fallen() {
      return fallen;
    },
    fall(why) {
      fallen ??= new CurtainError(why);
      for (const reject of held) reject(fallen);
      return fallen;
    },
    hold: (signal) =>
      new Promise((_, reject) => {
        if (fallen !== undefined) return reject(fallen);
        held.add(reject);
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      }),
  };
}
