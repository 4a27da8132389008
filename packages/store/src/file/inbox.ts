import { join } from "node:path";
import { AlreadyPostedError, type Post } from "@lockstitch/core";
import { type Disk, isMissing, readWhole, writeNew } from "./disk.js";
import type { Machine } from "./machine.js";
import { digits, draftPath, inboxDirectory } from "./names.js";
import { decodeMembers, encodeLine } from "./record.js";
import type { Commit } from "./stage.js";

/** What another process wants in a session: a file in the folder `inbox`. */
interface PostFile {
  readonly session: string;
  readonly events: readonly Post[];
  readonly key?: string | undefined;
}

const ending = ".json";

/**
 * Names for posts that no other has. They sort by time, and those of one process in the order they were asked for, however many
 * come in a millisecond and whatever is done to the clock.
 */
export function createPostIds({ now, self, id }: Machine): () => string {
  let time = 0;
  let count = 0;
  return () => {
    time = Math.max(time, Math.trunc(now()));
    count += 1;
    return `${String(time).padStart(15, "0")}-${digits(count)}-${self.pid}-${id()}`;
  };
}

/** Puts a post into the inbox, whole or not at all, and gives back the path of its file. */
export async function putIntoInbox(
  disk: Disk,
  directory: string,
  id: string,
  post: PostFile,
): Promise<string> {
  const path = join(inboxDirectory(directory), id + ending);
  const draft = draftPath(path);
  for (;;) {
    await writeNew(disk, draft, encodeLine(`"post":${JSON.stringify(post)}}`), { sync: false });
    try {
      await disk.rename(draft, path);
      return path;
    } catch (error) {
      // This process stood still for so long that its draft was cleared away.
      if (!isMissing(error)) throw error;
    }
  }
}

/** Where a post lies that can't be taken in. */
export function refusedPath(path: string): string {
  return `${path}.refused`;
}

/** What the inbox needs of whoever takes it in. */
export interface Receiver {
  /** Whether there is a session to post to. Throws where that can't be told any more. */
  knows(session: string): boolean;
  commit(commit: Commit): Promise<number>;
}

/**
 * Takes in every post that waits, in the order of their names. A file is removed when its post is on disk, so a crash in between
 * leaves a post that is there already: its id tells. What can't be taken in is put aside under the ending `.refused`.
 */
export async function takeInPosts(disk: Disk, directory: string, receiver: Receiver): Promise<void> {
  const folder = inboxDirectory(directory);
  const names = (await disk.names(folder)).filter((name) => name.endsWith(ending)).sort();
  const posts = await Promise.all(
    names.map(async (name) => ({ name, file: await readPost(disk, join(folder, name)) })),
  );
  // All at once: they share a write and a sync, and are committed in this order.
  const taken = posts.map(async ({ name, file }) => {
    const path = join(folder, name);
    if (file === "gone") return;
    if (file === undefined || !receiver.knows(file.session)) return disk.rename(path, refusedPath(path));
    const { session, events: bodies, key } = file;
    const post = name.slice(0, -ending.length);
    await receiver.commit({ session, bodies, key, post, barrier: true }).catch((error: unknown) => {
      // The first post with the key stands; whoever posted this one finds the key used by another.
      if (!(error instanceof AlreadyPostedError)) throw error;
    });
    await disk.remove(path);
  });
  for (const settled of await Promise.allSettled(taken))
    if (settled.status === "rejected") throw settled.reason;
}

async function readPost(disk: Disk, path: string): Promise<PostFile | "gone" | undefined> {
  try {
    const bytes = await readWhole(disk, path);
    const { post } = (decodeMembers(bytes.subarray(0, -1)) ?? {}) as { readonly post?: PostFile };
    return post;
  } catch (error) {
    if (isMissing(error)) return "gone";
    throw error;
  }
}
