import type { Inode } from "./inode.js";
import type { Random } from "./random.js";

type Node = Inode | Names;

type Change =
  | { readonly type: "add"; readonly name: string; readonly node: Node }
  | { readonly type: "remove"; readonly name: string }
  | { readonly type: "rename"; readonly from: string; readonly to: string; readonly node: Node };

/** A directory as the kernel has it and as the platter has it. */
export class Names {
  entries: Map<string, Node> = new Map();
  #durable: Map<string, Node> = new Map();
  #pending: Change[] = [];

  change(change: Change): void {
    apply(this.entries, change);
    this.#pending.push(change);
  }

  sync(): void {
    for (const change of this.#pending) apply(this.#durable, change);
    this.#pending = [];
  }

  /** Of the changes that were not synced, the first few are there, or any. */
  cutPower(random: Random): void {
    const isJournaled = random.chance(0.5);
    const kept = random.below(this.#pending.length + 1);
    const survives = (place: number) => (isJournaled ? place < kept : random.chance(0.5));
    for (const [place, change] of this.#pending.entries()) if (survives(place)) apply(this.#durable, change);
    this.#pending = [];
    this.entries = new Map(this.#durable);
    for (const node of this.entries.values()) node.cutPower(random);
  }
}

function apply(entries: Map<string, Node>, change: Change): void {
  switch (change.type) {
    case "add":
      entries.set(change.name, change.node);
      return;
    case "remove":
      entries.delete(change.name);
      return;
    case "rename":
      entries.delete(change.from);
      entries.set(change.to, change.node);
  }
}

/** A path's directory and the name in it; nothing where the directory isn't there. */
export function locate(
  root: Names,
  path: string,
): { readonly parent: Names; readonly name: string } | undefined {
  const words = path.split("/").filter((word) => word !== "");
  const name = words.pop() ?? "";
  let parent = root;
  for (const word of words) {
    const next = parent.entries.get(word);
    if (!(next instanceof Names)) return undefined;
    parent = next;
  }
  return { parent, name };
}

export function find(root: Names, path: string): Node | undefined {
  if (path === "/") return root;
  const place = locate(root, path);
  return place?.parent.entries.get(place.name);
}
