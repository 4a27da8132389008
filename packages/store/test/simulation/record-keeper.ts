import type { AgentEvent, EventBody } from "@lockstitch/core";

/** One append or post, as whoever made it knows it. */
export interface Attempt {
  readonly id: string;
  readonly session: string;
  /** How many events it has. */
  readonly parts: number;
  /** Commits of one log come in the order in which they were made; a post is by itself. */
  readonly log: string | undefined;
  readonly key: string | undefined;
  /** When it was made, in the order of all that happened. */
  readonly madeAt: number;
  ackedAt: number | undefined;
}

/** Remembers what was promised, and finds every way in which a history breaks a promise. */
export class RecordKeeper {
  readonly #attempts: Map<string, Attempt> = new Map();
  /** What the events of a session were seen to be, by `seq`: they are never anything else. */
  readonly #seen: Map<string, Map<number, string>> = new Map();
  /** Everything that was acknowledged before this moment survives a power cut. */
  #durableBefore = 0;
  #clock = 0;
  acked = 0;

  begin(
    session: string,
    parts: number,
    of: { readonly log?: string; readonly key?: string | undefined },
  ): Attempt {
    this.#clock += 1;
    const id = `${session}/${this.#clock}`;
    const attempt = { id, session, parts, log: of.log, key: of.key, madeAt: this.#clock, ackedAt: undefined };
    this.#attempts.set(id, attempt);
    return attempt;
  }

  ack(attempt: Attempt, isDurable: boolean): void {
    this.#clock += 1;
    attempt.ackedAt = this.#clock;
    this.acked += 1;
    if (!isDurable) return;
    this.#barriers.push(attempt);
    this.#durableBefore = Math.max(this.#durableBefore, attempt.madeAt);
  }

  readonly #barriers: Attempt[] = [];

  /** Notes what somebody was shown. It must be so for as long as the power stays on. */
  see(events: readonly AgentEvent[]): void {
    for (const event of events) {
      const seen = this.#seenOf(event.session);
      const before = seen.get(event.seq);
      const text = nameOf(event);
      if (before !== undefined && before !== text)
        throw new Error(`event ${event.seq} of ${event.session} was ${before} and is ${text}`);
      seen.set(event.seq, text);
    }
  }

  /** After a power cut, what was seen but not on disk may be gone. */
  forgetSeen(): void {
    this.#seen.clear();
  }

  /** From now on, this history is on disk. */
  settle(): void {
    this.#clock += 1;
    this.#durableBefore = this.#clock;
  }

  /** Checks a session's whole history. */
  check(session: string, events: readonly AgentEvent[], after: "kill" | "power cut" | "nothing"): void {
    this.see(events);
    events.forEach((event, index) => {
      if (event.seq !== index + 1) throw new Error(`event ${event.seq} of ${session} stands at ${index + 1}`);
    });
    const found = this.#commitsIn(session, events);
    this.#checkOrder(found);
    for (const attempt of this.#attempts.values()) {
      if (attempt.session !== session || attempt.ackedAt === undefined || found.includes(attempt)) continue;
      const isDurable = attempt.ackedAt < this.#durableBefore || this.#barriers.includes(attempt);
      if (after !== "power cut" || isDurable)
        throw new Error(`${attempt.id} was acknowledged and is gone after a ${after}`);
    }
    if (after !== "power cut") return;
    // What was not on disk never comes back; a post may still lie in the inbox.
    for (const [id, attempt] of this.#attempts)
      if (attempt.session === session && attempt.log !== undefined && !found.includes(attempt))
        this.#attempts.delete(id);
  }

  #commitsIn(session: string, events: readonly AgentEvent[]): readonly Attempt[] {
    const found: Attempt[] = [];
    for (let at = 0; at < events.length; ) {
      const [id = "", part] = nameOf(events[at] as AgentEvent).split("#");
      const attempt = this.#attempts.get(id);
      if (attempt === undefined || attempt.session !== session || part !== "0")
        throw new Error(`${session} holds ${id}#${part}, which nobody put there`);
      if (found.includes(attempt)) throw new Error(`${id} is there twice`);
      for (let place = 0; place < attempt.parts; place++) {
        const event = events[at + place];
        if (event === undefined || nameOf(event) !== `${id}#${place}`)
          throw new Error(`${id} is not there as a whole`);
      }
      found.push(attempt);
      at += attempt.parts;
    }
    return found;
  }

  #checkOrder(found: readonly Attempt[]): void {
    const last = new Map<string, Attempt>();
    const keys = new Set<string>();
    for (const attempt of found) {
      if (attempt.key !== undefined && keys.has(attempt.key))
        throw new Error(`the key ${attempt.key} was taken twice`);
      if (attempt.key !== undefined) keys.add(attempt.key);
      if (attempt.log === undefined) continue;
      const before = last.get(attempt.log);
      if (before !== undefined && before.madeAt > attempt.madeAt)
        throw new Error(`${attempt.id} was made before ${before.id} and comes after it`);
      last.set(attempt.log, attempt);
    }
  }

  #seenOf(session: string): Map<number, string> {
    const seen = this.#seen.get(session) ?? new Map<number, string>();
    this.#seen.set(session, seen);
    return seen;
  }
}

/** The events of an attempt, padded to about a size. */
export function bodiesOf({ id, parts }: Attempt, size: number): EventBody[] {
  return Array.from({ length: parts }, (_, place) => ({
    type: "input" as const,
    messages: [{ role: "user" as const, content: `${id}#${place}#${"x".repeat(size)}` }],
  }));
}

function nameOf(event: AgentEvent): string {
  if (event.type !== "input") return `${event.type}#0`;
  return String(event.messages[0]?.content).split("#").slice(0, 2).join("#");
}
