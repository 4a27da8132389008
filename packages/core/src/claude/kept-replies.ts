import type Anthropic from "@anthropic-ai/sdk";
import type { Environment } from "../environment.js";
import { fingerprintOf } from "../fingerprint.js";
import { onAbort } from "../on-abort.js";
import { checkReply } from "../pure/reply/check-reply.js";
import { isInvalidJson } from "../pure/reply/reply.js";
import { memoryReplies, type ReplyStorage } from "./reply-storage.js";

/** Replies in a storage, by the text of their request. Whatever the storage does, this neither throws nor keeps anybody waiting. */
export interface KeptReplies {
  find(text: string, signal: AbortSignal): Promise<Anthropic.Message | undefined>;
  keep(text: string, message: Anthropic.Message): void;
}

interface Entry {
  /** The whole request: a key is short, and two requests may share it. */
  readonly request: string;
  readonly keptAt: number;
  readonly message: Anthropic.Message;
}

interface Bounds {
  readonly lifetimeMs: number;
  readonly maxEntries: number;
  readonly storage?: ReplyStorage;
}

export function createReplies(
  { lifetimeMs, maxEntries, storage = memoryReplies() }: Bounds,
  { now, sleep }: Pick<Environment, "now" | "sleep">,
): KeptReplies {
  /** Keys of what was put there from here, the one used last at the end. */
  const used = new Set<string>();

  const drop = (key: string): void => {
    used.delete(key);
    void quietly(() => storage.delete(key));
  };

  return {
    async find(text, signal) {
      const key = keyOf(text);
      const entry = toEntry(
        await withinASecond(
          quietly(() => storage.get(key)),
          sleep,
          signal,
        ),
      );
      if (entry?.request !== text) return undefined;
      if (now() - entry.keptAt >= lifetimeMs) return void drop(key);
      if (used.delete(key)) used.add(key);
      return entry.message;
    },
    keep(text, message) {
      const key = keyOf(text);
      const entry: Entry = { request: text, keptAt: now(), message };
      void quietly(() => storage.set(key, JSON.stringify(entry), lifetimeMs));
      used.delete(key);
      used.add(key);
      const [oldest] = used;
      if (used.size > maxEntries && oldest !== undefined) drop(oldest);
    },
  };
}

/** Tells nothing of what was asked. */
function keyOf(text: string): string {
  return `lockstitch-reply-${fingerprintOf(text)}`;
}

/** Its own stop reason says that a reply is whole; and it must mean tomorrow what it means now. */
export function isWorthKeeping(message: Anthropic.Message): boolean {
  const { stop_reason, content, container } = message;
  return (
    ["end_turn", "stop_sequence", "tool_use"].includes(stop_reason ?? "") &&
    (container ?? null) === null &&
    Array.isArray(content) &&
    content.length > 0 &&
    !content.some((block) => block.type === "tool_use" && isInvalidJson(block.input))
  );
}

/** What a storage gives may be anything: others write to it too. */
function toEntry(value: unknown): Entry | undefined {
  try {
    const entry = JSON.parse(String(value)) as Entry;
    checkReply(entry.message);
    return typeof entry.keptAt === "number" && isWorthKeeping(entry.message) ? entry : undefined;
  } catch {
    return undefined;
  }
}

/** Does it at once; what it throws or rejects with is nothing. A client of a database may have promises of a kind of its own. */
function quietly(work: () => unknown): unknown {
  try {
    const done = work();
    return isThenable(done) ? Promise.resolve(done).catch(() => undefined) : done;
  } catch {
    return undefined;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

async function withinASecond(
  work: unknown,
  sleep: Environment["sleep"],
  signal: AbortSignal,
): Promise<unknown> {
  if (!(work instanceof Promise)) return work;
  const over = new AbortController();
  const release = onAbort(signal, () => over.abort(signal.reason));
  try {
    const late = sleep(1_000, over.signal).catch(() => {});
    return await Promise.race([work, late]);
  } finally {
    release();
    over.abort();
  }
}
