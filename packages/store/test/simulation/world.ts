import type { Owner } from "../../src/file/machine.js";
import { Inode } from "./inode.js";
import { find, locate, Names } from "./names.js";
import { type Faults, Process, type SimulatedProcess } from "./process.js";
import { createRandom, type Random } from "./random.js";

/** One machine, its disk, its clock and its processes, all ruled by a seed. */
export class World {
  readonly random: Random;
  readonly #root: Names = new Names();
  readonly #processes: Process[] = [];
  #now = 1_000_000;
  #ids = 0;

  constructor(seed: number) {
    this.random = createRandom(seed);
  }

  get now(): number {
    return this.#now;
  }

  start(faults: Faults = {}): SimulatedProcess {
    const process = new Process(this, this.#root, this.#processes.length + 1, faults);
    this.#processes.push(process);
    return process;
  }

  isRunning({ pid }: Owner): boolean {
    return this.#processes[pid - 1]?.isDead === false;
  }

  id(): string {
    this.#ids += 1;
    return `id-${this.#ids}`;
  }

  killAll(): void {
    for (const process of this.#processes) process.kill();
  }

  /** How often the lock whose folder this is has changed hands. */
  highestEpoch(folder: string): number {
    return Math.max(0, ...this.names(folder).map((name) => Number(name.split(".")[0])));
  }

  /** Everything stops, and what was not synced is at the mercy of chance. */
  cutPower(): void {
    this.killAll();
    this.#root.cutPower(this.random);
  }

  /** A file's bytes as they are, to be looked at or changed in place. */
  file(path: string): Buffer {
    const node = find(this.#root, path);
    if (!(node instanceof Inode)) throw new Error(`no file ${path}`);
    return node.cached;
  }

  names(path: string): readonly string[] {
    const node = find(this.#root, path);
    return node instanceof Names ? [...node.entries.keys()] : [];
  }

  /** Cuts off the end of a file. */
  truncate(path: string, size: number): void {
    const node = find(this.#root, path);
    if (node instanceof Inode) node.cached = node.cached.subarray(0, size);
  }

  remove(path: string): void {
    const found = locate(this.#root, path);
    found?.parent.entries.delete(found.name);
  }

  /** Lets the world go on until a promise settles or `isOver` says so. Time passes only while nobody waits for the disk. */
  async until(promise: Promise<unknown>, isOver: () => boolean = () => false): Promise<void> {
    let isSettled = false;
    const settle = () => {
      isSettled = true;
    };
    promise.then(settle, settle);
    for (let turns = 0; !isSettled && !isOver(); turns++) {
      if (turns > 200_000) throw new Error("The simulated world goes on and on.");
      await new Promise((resolve) => setImmediate(resolve));
      const isBusy = this.#processes.map((process) => process.step(this.random)).includes(true);
      if (!isBusy) this.advance(1 + this.random.below(20));
    }
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
    for (const process of this.#processes) process.tick();
  }
}
