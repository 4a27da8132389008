import type { AgentEvent } from "@lockstitch/core";

/** A session that is open in this process: what its owner has not been told yet. */
export class OpenSession {
  readonly #lost = new AbortController();
  readonly #listeners = new Set<() => void>();
  #news: AgentEvent[] = [];
  /** The `seq` of the last event that its owner did not write. */
  #lastForeign = 0;
  /** Its commits that wait for the disk: what comes after them must not overtake them. */
  waiting = 0;
  isClosed = false;

  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Takes in what was committed before it was opened. */
  begin(history: readonly AgentEvent[]): void {
    this.#news = [...history, ...this.#news];
    this.#lastForeign = Math.max(this.#lastForeign, history.at(-1)?.seq ?? 0);
  }

  /** Takes in what was just committed. */
  receive(events: readonly AgentEvent[], isForeign: boolean): void {
    // Not spread into a call: there is no telling how many there are, and a call's arguments go on the stack.
    for (const event of events) this.#news.push(event);
    if (!isForeign) return;
    this.#lastForeign = events.at(-1)?.seq ?? this.#lastForeign;
    this.#notify();
  }

  /** Everything up to this `seq` that was not told before. */
  tell(upTo: number): readonly AgentEvent[] {
    const rest = this.#news.findIndex(({ seq }) => seq > upTo);
    return this.#news.splice(0, rest === -1 ? this.#news.length : rest);
  }

  /** `reason` tells whoever waits why. */
  lose(reason: Error): void {
    this.#lost.abort(reason);
    this.#notify();
  }

  /** Settles when an outsider's event waits to be told, or the signal aborts; rejects when the session was lost. */
  posted(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const isLost = this.lost.aborted;
        if (!isLost && !signal.aborted && !this.#hasForeignNews()) return;
        this.#listeners.delete(check);
        signal.removeEventListener("abort", check);
        if (isLost && !signal.aborted) reject(this.lost.reason);
        else resolve();
      };
      this.#listeners.add(check);
      signal.addEventListener("abort", check, { once: true });
      check();
    });
  }

  #hasForeignNews(): boolean {
    const next = this.#news[0];
    return next !== undefined && next.seq <= this.#lastForeign;
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
