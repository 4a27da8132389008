import {
  AlreadyPostedError,
  LeaseLostError,
  NoSessionError,
  type Post,
  StoreBusyError,
  StoreError,
} from "@lockstitch/core";
import { createPostIds, putIntoInbox, refusedPath } from "./inbox.js";
import type { Machine } from "./machine.js";
import { createMutex, type Exclusive } from "./mutex.js";
import { countOf, hasKey, hasPost } from "./session-index.js";
import type { Tenure } from "./tenure.js";
import type { View } from "./view.js";
import type { Writer } from "./writer.js";

/** How often somebody who posted looks whether the post was taken in, and after how many looks whether the writer still lives. */
const inboxPollMs = 10;
const looksPerClaim = 20;

export interface OutboxParts {
  readonly machine: Machine;
  readonly directory: string;
  readonly view: View;
  readonly tenure: Tenure;
  readonly leaseMs: number;
  /** Brings the view up to date. */
  readonly upToDate: () => Promise<void>;
}

interface Outgoing {
  readonly id: string;
  readonly session: string;
  readonly events: readonly Post[];
  readonly key: string | undefined;
}

/** Waits until a post is in the log. */
type Arrival = () => Promise<void>;

/** What this process posts: into the log where it writes itself, and else into the inbox of the one that does. */
export class Outbox {
  readonly #parts: OutboxParts;
  readonly #newId: () => string;
  readonly #inTurn: Exclusive = createMutex();

  constructor(parts: OutboxParts) {
    this.#parts = parts;
    this.#newId = createPostIds(parts.machine);
  }

  async post(session: string, events: readonly Post[], key: string | undefined): Promise<void> {
    const post = { id: this.#newId(), session, events, key };
    // One is on its way before the next sets out, so that they arrive in the order of the calls; nobody waits for an arrival.
    const arrival = await this.#inTurn(() => this.#send(post));
    await arrival();
  }

  async #send(post: Outgoing): Promise<Arrival> {
    const { tenure } = this.#parts;
    try {
      // A directory that was never written to is not made for a post that can't be meant.
      if (tenure.writer === undefined) await this.#isPosted(post);
      if (post.events.length === 0) return async () => {};
      return await tenure.use(async (writer) => this.#commit(writer, post));
    } catch (error) {
      if (!isOthers(error)) throw error;
      await this.#isPosted(post);
      return this.#putIntoInbox(post);
    }
  }

  #commit(writer: Writer, post: Outgoing): Arrival {
    const { id, session, events: bodies, key } = post;
    if (!writer.isOpen(session)) this.#checkKnown(session);
    const committed = writer.commit({ session, bodies, key, post: id, barrier: true });
    // Whoever posted hears of it a moment later.
    committed.catch(() => {});
    return async () => {
      try {
        await committed;
      } catch (error) {
        if (!isOthers(error)) throw error;
        // Where this process was overtaken in the middle of it, the id tells whether the post is in the log already.
        if (await this.#isPosted(post)) return;
        const arrival = await this.#inTurn(() => this.#putIntoInbox(post));
        await arrival();
      }
    };
  }

  /** Leaves the post to the process that writes, which takes it in; where that died, this one does. */
  async #putIntoInbox(post: Outgoing): Promise<Arrival> {
    const { machine, directory } = this.#parts;
    const { id, session, events, key } = post;
    const path = await putIntoInbox(machine.disk, directory, id, { session, events, key });
    return () => this.#untilTakenIn(post, path);
  }

  async #untilTakenIn(post: Outgoing, path: string): Promise<void> {
    const { disk, sleep } = this.#parts.machine;
    try {
      for (let looks = 1; disk.exists(path); looks++) {
        await sleep(inboxPollMs);
        if (looks % looksPerClaim === 0) await this.#takeInPosts();
      }
    } catch (error) {
      await disk.remove(path).catch(() => {});
      throw error;
    }
    await this.#untilPosted(post, refusedPath(path));
  }

  /** Waits for a post that is not in the inbox any more. While another process takes over, not all that is in the log is shown. */
  async #untilPosted(post: Outgoing, refused: string): Promise<void> {
    const { machine, directory, leaseMs } = this.#parts;
    const { disk, sleep, elapsed } = machine;
    let since: number | undefined;
    while (!(await this.#isPosted(post))) {
      if (disk.exists(refused))
        throw new StoreError(
          `${directory}: the writer refused a post to session ${post.session}; it lies in ${refused}.`,
        );
      since ??= elapsed();
      if (elapsed() - since > leaseMs)
        throw new StoreError(
          `${directory}: a post to session ${post.session} is gone from the inbox, and not to be found in the log. If something ` +
            `else than a store removed its file, it is lost. Read the session before you post it again; with a key it is taken once.`,
        );
      await sleep(inboxPollMs);
    }
  }

  async #takeInPosts(): Promise<void> {
    const { tenure } = this.#parts;
    try {
      await tenure.use((writer) => tenure.takeInPosts(writer));
    } catch (error) {
      if (!isOthers(error)) throw error;
    }
  }

  /** Whether a post is in the log. Rejects where it can't get there. */
  async #isPosted({ id, session, key }: Outgoing): Promise<boolean> {
    await this.#parts.upToDate();
    const { sessions } = this.#parts.view;
    if (hasPost(sessions, session, id)) return true;
    this.#checkKnown(session);
    if (key !== undefined && hasKey(sessions, session, key)) throw new AlreadyPostedError(session, key);
    return false;
  }

  #checkKnown(session: string): void {
    if (countOf(this.#parts.view.sessions, session) === 0) throw new NoSessionError(session);
  }
}

/** Whether another process has what was needed here. */
function isOthers(error: unknown): boolean {
  return error instanceof StoreBusyError || error instanceof LeaseLostError;
}
