import type { Disk } from "./disk.js";

/** A process, named so that it can be told from every other that ever was on this machine. */
export interface Owner {
  readonly pid: number;
  /** When it started, in the operating system's own count; `"0"` where the system doesn't say. */
  readonly startedAt: string;
  /** A short name for the running kernel and the process namespace: only within it does a `pid` mean anything. */
  readonly machine: string;
  readonly host: string;
}

/** What a store needs of the world around it: a disk, a clock, and to know who is alive. */
export interface Machine {
  readonly disk: Disk;
  readonly self: Owner;
  /** Surely gone, e.g. killed. A process of another machine is never surely gone. */
  isGone(owner: Owner): boolean;
  /** Milliseconds since 1970, by the clock that dates files. */
  now(): number;
  /** Milliseconds since some moment, by a clock that nobody sets. */
  elapsed(): number;
  /** A fresh unique id. */
  id(): string;
  sleep(milliseconds: number): Promise<void>;
  /** Runs a task again and again until it is stopped. Only with `keepAlive` does that keep the process from exiting. */
  every(milliseconds: number, task: () => void, options?: { readonly keepAlive?: boolean }): () => void;
  /** Runs a task once, later, unless it is stopped before; it doesn't keep the process from exiting. */
  later(milliseconds: number, task: () => void): () => void;
  /** Runs a task as soon as the events at hand have been dealt with. */
  soon(task: () => void): void;
  /** Runs a task when the process exits of itself, unless it is stopped before. What it does must be done when it returns. */
  onExit(task: () => void): () => void;
}
