import { fileURLToPath } from "node:url";
import { messageOf, StoreError } from "@lockstitch/core";
import { defaultSettings, type Repair, type Settings } from "./settings.js";

export interface FileStoreOptions {
  /** Stamps the events. Milliseconds since 1970. Default: the clock. */
  readonly now?: () => number;
  /** A file of the log that has grown beyond this many bytes is followed by another. Default: 16 MB. */
  readonly segmentBytes?: number;
  /**
   * A writing process that gave no sign of life for so long, in milliseconds, may be taken over from although it exists: it is
   * stopped, or its machine is. A process of this machine that is gone is taken over from at once; after a reboot, and from
   * another container or machine, it is not known to be gone before this time has passed. Default: 10,000. At most 2^31 - 1.
   */
  readonly leaseMs?: number;
  /** Told of bytes that a crash left behind and that are left out. Must not throw. Default: `console.warn`. */
  readonly onRepair?: (repair: Repair) => void;
}

/** The path that a user means. Throws `StoreError` for what is none. */
export function pathOf(directory: string | URL): string {
  if (directory instanceof URL) return pathOfUrl(directory);
  if (typeof directory !== "string" || directory.trim() === "")
    throw new StoreError('fileStore() needs the path of a directory, e.g. fileStore(".lockstitch").');
  if (/^file:\/\//i.test(directory))
    throw new StoreError(
      `fileStore(): ${JSON.stringify(directory)} is a URL, not a path. Give it as new URL(${JSON.stringify(directory)}).`,
    );
  return directory;
}

function pathOfUrl(url: URL): string {
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw new StoreError(
      `fileStore(): ${url.href} is not the URL of a directory here: ${messageOf(error)}. Give a file: URL, or a path.`,
      { cause: error },
    );
  }
}

/** Throws `StoreError` for options that can't be meant. */
export function settingsOf(options: FileStoreOptions): Settings {
  if (typeof options !== "object" || options === null)
    throw new StoreError("fileStore(): the options must be an object, e.g. { leaseMs: 30_000 }.");
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(kinds, name))
      throw new StoreError(
        `fileStore(): there is no option ${JSON.stringify(name)}. The options are: ${Object.keys(kinds).join(", ")}.`,
      );
  }
  // An option that is there and undefined is none: the default must hold.
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settings: Settings = { ...defaultSettings, ...given };
  for (const [name, kind] of Object.entries(kinds) as [keyof FileStoreOptions, Kind][])
    check(name, kind, settings[name]);
  return { ...settings, now: checkedClock(settings.now) };
}

type Kind = { readonly type: "function" } | { readonly type: "number"; readonly most: number };

/** Node runs a timer of more milliseconds than these at once, and again and again: the signs of life would never stop. */
const longestTimer = 2 ** 31 - 1;

const kinds: Readonly<Record<keyof FileStoreOptions, Kind>> = {
  now: { type: "function" },
  segmentBytes: { type: "number", most: Number.MAX_SAFE_INTEGER },
  leaseMs: { type: "number", most: longestTimer },
  onRepair: { type: "function" },
};

function check(name: string, kind: Kind, value: unknown): void {
  if (kind.type === "function") {
    if (typeof value === "function") return;
    throw new StoreError(`fileStore(): ${name} is ${String(value)}; it must be a function.`);
  }
  if (Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= kind.most) return;
  throw new StoreError(
    `fileStore(): ${name} is ${String(value)}; it must be a whole number above 0, and at most ${kind.most}.`,
  );
}

/** What is no number has no JSON form, and would stand in the log as null for ever. */
function checkedClock(now: () => number): () => number {
  return () => {
    const at = now();
    if (Number.isFinite(at)) return at;
    throw new StoreError(
      `fileStore(): the option now gave ${String(at)}; it must give milliseconds since 1970.`,
    );
  };
}
