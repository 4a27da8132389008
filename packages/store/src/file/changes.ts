/** Wakes those who wait for more of a session. */
export class Changes {
  readonly #listeners: Map<string, Set<() => void>> = new Map();

  /** Something happened to this session. */
  wake(session: string): void {
    for (const listener of [...(this.#listeners.get(session) ?? [])]) listener();
  }

  wakeAll(): void {
    for (const session of [...this.#listeners.keys()]) this.wake(session);
  }

  /** Resolves when the session is woken or the signal aborts, and leaves no listener behind. */
  next(session: string, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const listeners = this.#listeners.get(session) ?? new Set();
      const wake = () => {
        listeners.delete(wake);
        if (listeners.size === 0) this.#listeners.delete(session);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      this.#listeners.set(session, listeners);
      listeners.add(wake);
      signal?.addEventListener("abort", wake, { once: true });
      if (signal?.aborted) wake();
    });
  }
}
