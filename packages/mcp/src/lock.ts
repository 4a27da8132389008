import { sleep } from "./sleep.js";

/** A file that no two hold at the same time, in this process or in any other. */
export interface Lock {
  /** Whether it is still held: it is taken from whoever holds it for too long. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/** In milliseconds. Whoever holds a lock for as long as that was ended before it could release it: what it is held for takes a few. */
const longest = 10_000;
const pause = 20;

/**
 * Takes the lock of a file, which is a file beside it that only one can make. Waits until it is free; rejects with what the file system
 * says where it can't be made.
 */
export async function takeLock(path: string, wait: typeof sleep = sleep): Promise<Lock> {
  const { readFile, rm, writeFile } = await import("node:fs/promises");
  const file = `${path}.lock`;
  const mine = crypto.randomUUID();
  const holder = () => readFile(file, "utf8").catch(() => undefined);
  const lock: Lock = {
    isHeld: async () => (await holder()) === mine,
    release: async () => {
      if (await lock.isHeld()) await rm(file, { force: true });
    },
  };
  let other: string | undefined;
  for (let waited = 0; ; ) {
    const error = await writeFile(file, mine, { flag: "wx" }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (error === undefined) return lock;
    if ((error as { readonly code?: unknown }).code !== "EEXIST") throw error;
    // By how long the same one was there while we waited, not by its date: clocks are set, and differ from machine to machine.
    const found = await holder();
    if (found !== other) waited = 0;
    other = found;
    if (waited >= longest) await rm(file, { force: true });
    await wait(pause);
    waited += pause;
  }
}
