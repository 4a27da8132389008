import type { Disk, DiskFile, Identity } from "../../src/file/disk.js";
import type { Machine } from "../../src/file/machine.js";
import { Inode } from "./inode.js";
import { find, locate, Names } from "./names.js";
import type { Random } from "./random.js";
import type { World } from "./world.js";

/** What goes wrong in a process. Counts are of its own operations, from 1. */
export interface Faults {
  /** It is killed at this operation: before it, in the middle of it, or after it. */
  readonly killAt?: number;
  readonly failWriteAt?: number;
  readonly failSyncAt?: number;
}

export interface SimulatedProcess {
  readonly machine: Machine;
  readonly isDead: boolean;
  /** What it has asked of the disk so far. */
  readonly counts: { readonly operations: number; readonly writes: number; readonly syncs: number };
  kill(): void;
  /** Like SIGSTOP: what the kernel was asked to do it may still do, but nothing comes back. */
  stop(): void;
  wake(): void;
}

interface Timer {
  at: number;
  readonly period: number | undefined;
  readonly task: () => void;
}

/** A process of a world, and the disk as it sees it. */
export class Process implements SimulatedProcess {
  readonly machine: Machine;
  isDead = false;
  readonly counts = { operations: 0, writes: 0, syncs: 0 };
  readonly #world: World;
  readonly #root: Names;
  readonly #faults: Faults;
  readonly #timers: Set<Timer> = new Set();
  #waiting: (() => void)[] = [];
  #isStopped = false;

  constructor(world: World, root: Names, pid: number, faults: Faults) {
    this.#world = world;
    this.#root = root;
    this.#faults = faults;
    const later = (delay: number, task: () => void, period?: number) => {
      const timer = { at: world.now + delay, period, task };
      this.#timers.add(timer);
      return () => void this.#timers.delete(timer);
    };
    this.machine = {
      disk: this.#disk(),
      self: { pid, startedAt: "1", machine: "simulated", host: "simulated" },
      isGone: (owner) => !world.isRunning(owner),
      now: () => world.now,
      elapsed: () => world.now,
      id: () => world.id(),
      sleep: (milliseconds) => new Promise((resolve) => void later(milliseconds, resolve)),
      every: (milliseconds, task) => later(milliseconds, task, milliseconds),
      later,
      soon: (task) => this.#waiting.push(task),
      onExit: () => () => {},
    };
  }

  kill(): void {
    this.isDead = true;
    this.#waiting = [];
    this.#timers.clear();
  }

  stop(): void {
    this.#isStopped = true;
  }

  wake(): void {
    this.#isStopped = false;
  }

  /** Lets one of the things happen that it waits for. Tells whether there was one. */
  step(random: Random): boolean {
    if (this.#isStopped || this.#waiting.length === 0) return false;
    const count = 1 + random.below(Math.min(4, this.#waiting.length));
    for (let each = 0; each < count; each++)
      this.#waiting.splice(random.below(this.#waiting.length), 1)[0]?.();
    return true;
  }

  tick(): void {
    if (this.#isStopped) return;
    for (const timer of [...this.#timers]) {
      if (timer.at > this.#world.now) continue;
      if (timer.period === undefined) this.#timers.delete(timer);
      else timer.at = this.#world.now + timer.period;
      timer.task();
    }
  }

  /** An operation takes its time before it is done or after, and a process that is dead by then never hears of it. */
  async #operation<Value>(effect: (share: number) => Value): Promise<Value> {
    this.counts.operations += 1;
    const { random } = this.#world;
    if (this.isDead) return never();
    if (this.counts.operations === this.#faults.killAt) {
      // Of a write, a part may be done.
      if (random.chance(0.7)) effect(random.chance(0.5) ? 1 : random.below(100) / 100);
      this.kill();
      return never();
    }
    if (random.chance(0.5)) await this.#pause();
    const value = effect(1);
    await this.#pause();
    return value;
  }

  #pause(): Promise<void> {
    if (this.isDead) return never();
    return new Promise((resolve) => void this.#waiting.push(resolve));
  }

  #disk(): Disk {
    const root = this.#root;
    const place = (path: string) => locate(root, path) ?? fail("ENOENT", path);
    return {
      exists: (path) => find(root, path) !== undefined,
      identity: (path) => identityOf(find(root, path)),
      names: (path) =>
        this.#operation(() => {
          const node = find(root, path);
          return node instanceof Names ? [...node.entries.keys()] : [];
        }),
      writtenAt: (path) => this.#operation(() => inode(root, path).writtenAt),
      makeDirectory: (path) =>
        this.#operation(() => {
          const words = path.split("/").filter((word) => word !== "");
          for (let depth = 1; depth <= words.length; depth++) {
            const { parent, name } = place(words.slice(0, depth).join("/"));
            if (!parent.entries.has(name)) parent.change({ type: "add", name, node: new Names() });
          }
        }),
      open: (path, purpose) =>
        this.#operation(() => {
          if (purpose !== "create") return this.#file(inode(root, path));
          const { parent, name } = place(path);
          if (parent.entries.has(name)) fail("EEXIST", path);
          const node = new Inode();
          node.writtenAt = this.#world.now;
          parent.change({ type: "add", name, node });
          return this.#file(node);
        }),
      // Done before the call returns.
      rename: async (from, to) => {
        if (this.isDead) return never();
        const source = place(from);
        const target = place(to);
        const node = source.parent.entries.get(source.name) ?? fail("ENOENT", from);
        const taken = target.parent.entries.get(target.name);
        if (taken instanceof Names && taken.entries.size > 0) fail("ENOTEMPTY", to);
        source.parent.change({ type: "rename", from: source.name, to: target.name, node });
        return this.#operation(() => {});
      },
      remove: (path) =>
        this.#operation(() => {
          const found = locate(root, path);
          if (found?.parent.entries.has(found.name))
            found.parent.change({ type: "remove", name: found.name });
        }),
      removeDirectory: (path) =>
        this.#operation(() => {
          const { parent, name } = place(path);
          parent.change({ type: "remove", name });
        }),
      syncDirectory: (path) =>
        this.#operation(() => {
          const node = find(root, path);
          if (node instanceof Names) node.sync();
        }),
      watch: () => undefined,
    };
  }

  #file(node: Inode): DiskFile {
    return {
      read: (offset, length) =>
        this.#operation(() => Buffer.from(node.cached.subarray(offset, offset + length))),
      write: (bytes, offset) => {
        this.counts.writes += 1;
        const isFailing = this.counts.writes === this.#faults.failWriteAt;
        // Buffers may be used again once the write has returned, not before.
        return this.#operation((share) => {
          const part = isFailing ? this.#world.random.below(100) / 100 : share;
          node.write(bytes.subarray(0, Math.floor(bytes.length * part)), offset, this.#world.now);
          if (isFailing) fail("ENOSPC", "a write");
        });
      },
      sync: () => {
        this.counts.syncs += 1;
        const isFailing = this.counts.syncs === this.#faults.failSyncAt;
        return this.#operation(() => {
          if (!isFailing) return node.sync();
          node.failSync();
          return fail("EIO", "a sync");
        });
      },
      size: () => this.#operation(() => node.cached.length),
      close: () => this.#operation(() => {}),
    };
  }
}

const numbers = new WeakMap<object, string>();
let numbered = 0;

function identityOf(node: object | undefined): Identity | undefined {
  if (node === undefined) return undefined;
  const id = numbers.get(node) ?? String(++numbered);
  numbers.set(node, id);
  return { id, madeAt: "" };
}

function inode(root: Names, path: string): Inode {
  const node = find(root, path);
  return node instanceof Inode ? node : fail("ENOENT", path);
}

function fail(code: string, path: string): never {
  throw Object.assign(new Error(`${code}: ${path}`), { code });
}

function never(): Promise<never> {
  return new Promise(() => {});
}
