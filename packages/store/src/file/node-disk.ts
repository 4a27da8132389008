import {
  close,
  existsSync,
  fdatasync,
  fstat,
  watch as fsWatch,
  fsync,
  mkdir,
  open,
  read,
  readdir,
  renameSync,
  rmdir,
  stat,
  statSync,
  unlink,
  write,
} from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { type Disk, type DiskFile, isMissing } from "./disk.js";

const calls = {
  close: promisify(close),
  fdatasync: promisify(fdatasync),
  fstat: promisify(fstat),
  fsync: promisify(fsync),
  mkdir: promisify(mkdir),
  open: promisify(open),
  read: promisify(read),
  readdir: promisify(readdir),
  rmdir: promisify(rmdir),
  stat: promisify(stat),
  unlink: promisify(unlink),
  write: promisify(write),
};

const flags = { read: "r", write: "r+", create: "wx+" } as const;

/** Whole conversations are in these files: nobody else on the machine is to read them. */
const modes = { file: 0o600, directory: 0o700 };

/**
 * The machine's own file system. Writes and syncs go through the thread pool, because a disk that is slow for a moment would
 * hold up every other session; they cost about 10 µs more than the blocking calls. A look at a name takes one microsecond when
 * it blocks and twenty when it doesn't, so that one blocks.
 */
export const nodeDisk: Disk = {
  exists: existsSync,
  identity(path) {
    try {
      const { dev, ino, birthtimeNs } = statSync(path, { bigint: true });
      return { id: `${dev}:${ino}`, madeAt: String(birthtimeNs) };
    } catch {
      return undefined;
    }
  },
  async names(directory) {
    try {
      return await calls.readdir(directory);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  },
  writtenAt: async (path) => (await calls.stat(path)).mtimeMs,
  makeDirectory,
  open: async (path, purpose) => openFile(await calls.open(path, flags[purpose], modes.file)),
  async rename(from, to) {
    renameSync(from, to);
  },
  async remove(path) {
    try {
      await calls.unlink(path);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  },
  async removeDirectory(path) {
    try {
      await calls.rmdir(path);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  },
  async syncDirectory(path) {
    // Windows has no way to open a directory, and none to sync it: its names are journaled.
    if (process.platform === "win32") return;
    const descriptor = await calls.open(path, "r");
    try {
      await calls.fsync(descriptor);
    } finally {
      await calls.close(descriptor);
    }
  },
  watch(directory, changed) {
    try {
      const watcher = fsWatch(directory, { persistent: false }, changed);
      // A directory that is removed while it is watched: whoever watches polls as well.
      watcher.on("error", () => watcher.close());
      return () => watcher.close();
    } catch {
      return undefined;
    }
  },
};

/** Node's own `recursive` says `ENOENT` of a directory on a read-only file system, which is no word of what to do. */
async function makeDirectory(path: string): Promise<void> {
  try {
    await calls.mkdir(path, modes.directory);
  } catch (error) {
    if (isMissing(error) && dirname(path) !== path) {
      await makeDirectory(dirname(path));
      // Where somebody else made it in the meantime, that will do.
      await calls.mkdir(path, modes.directory).catch(unlessDirectory(path));
    } else await unlessDirectory(path)(error);
  }
}

/** Throws the error on, unless there is a directory. */
function unlessDirectory(path: string): (error: unknown) => Promise<void> {
  return async (error) => {
    const found = await calls.stat(path).catch(() => undefined);
    if (found?.isDirectory() !== true) throw error;
  };
}

function openFile(descriptor: number): DiskFile {
  return {
    async read(offset, length) {
      const bytes = Buffer.allocUnsafe(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await calls.read(descriptor, bytes, done, length - done, offset + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return bytes.subarray(0, done);
    },
    async write(bytes, offset) {
      let done = 0;
      while (done < bytes.length) {
        const { bytesWritten } = await calls.write(
          descriptor,
          bytes,
          done,
          bytes.length - done,
          offset + done,
        );
        done += bytesWritten;
      }
    },
    sync: () => calls.fdatasync(descriptor),
    size: async () => (await calls.fstat(descriptor)).size,
    close: () => calls.close(descriptor),
  };
}
