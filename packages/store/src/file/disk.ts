/**
 * The few things that a store asks of a file system. Everything that touches a disk goes through here, so that a test can
 * put a disk in its place that tears, forgets and fails. Errors keep Node's `code`, e.g. `ENOSPC`.
 */
export interface Disk {
  /** Whether something has this path. It answers at once: it is asked before every acknowledgement. */
  exists(path: string): boolean;
  /** What tells a file or directory from another that has its path later; nothing where there is none. It answers at once. */
  identity(path: string): Identity | undefined;
  /** The names in a directory; none where there is no directory. */
  names(directory: string): Promise<readonly string[]>;
  /** When the file was last written to, in milliseconds since 1970. Rejects with `ENOENT` where there is none. */
  writtenAt(path: string): Promise<number>;
  /** Makes a directory and those above it, for this user alone; no error where it is there. */
  makeDirectory(path: string): Promise<void>;
  /** `create` fails with `EEXIST` where the name is taken, so that of two processes one makes the file, for this user alone. */
  open(path: string, purpose: "read" | "write" | "create"): Promise<DiskFile>;
  /** Atomic, and done before the call returns, so that it works while a process exits. */
  rename(from: string, to: string): Promise<void>;
  /** No error where there is nothing. */
  remove(path: string): Promise<void>;
  /** Removes an empty directory; no error where there is nothing. */
  removeDirectory(path: string): Promise<void>;
  /** Makes the names in a directory survive a power cut. */
  syncDirectory(path: string): Promise<void>;
  /** Calls `changed` soon after anything changes in a directory, until it is stopped. Nothing where that can't be had. */
  watch(directory: string, changed: () => void): (() => void) | undefined;
}

export interface Identity {
  /** Its number on this machine's file systems. One that is free again may be given to the next file at once. */
  readonly id: string;
  /** When it was made; always the same where the system doesn't say. */
  readonly madeAt: string;
}

export interface DiskFile {
  /** Up to `length` bytes: fewer only at the end of the file. */
  read(offset: number, length: number): Promise<Buffer>;
  /** All of the bytes, or a rejection. Once it resolves they are with the operating system, and a killed process loses none. */
  write(bytes: Uint8Array, offset: number): Promise<void>;
  /** What was written before the call survives a power cut (fdatasync). */
  sync(): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}

/** Whether a disk's error says that there is no such file or directory. */
export function isMissing(error: unknown): boolean {
  return codeOf(error) === "ENOENT";
}

/** The operating system's word for what failed, e.g. `ENOSPC`. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** A whole file. Rejects with `ENOENT` where there is none. */
export async function readWhole(disk: Disk, path: string): Promise<Buffer> {
  return withFile(disk, path, "read", async (file) => file.read(0, await file.size()));
}

/** A new file with this content; with `sync` it is on disk before this resolves. */
export async function writeNew(
  disk: Disk,
  path: string,
  content: Uint8Array,
  { sync }: { readonly sync: boolean },
): Promise<void> {
  await withFile(disk, path, "create", async (file) => {
    await file.write(content, 0);
    if (sync) await file.sync();
  });
}

/** Uses a file and closes it, whatever happens. */
export async function withFile<Value>(
  disk: Disk,
  path: string,
  purpose: "read" | "write" | "create",
  use: (file: DiskFile) => Promise<Value>,
): Promise<Value> {
  const file = await disk.open(path, purpose);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}
