import type { Owner } from "./machine.js";
import { digits } from "./names.js";

/** Who may write, as the name of the one file in the folder `lock` says it. */
export interface Lock {
  readonly name: string;
  /** Grows with every change of hands. */
  readonly epoch: number;
  readonly holder:
    | { readonly type: "owner"; readonly owner: Owner; readonly leaseMs: number }
    /** Let go in good order: the end of the log is as it should be. */
    | { readonly type: "released" }
    /** Given up after a failure: the end of the log must be looked at. */
    | { readonly type: "abandoned" };
}

/** Whether a lock may not be taken. `silence` is for how long its owner gave no sign of life, in milliseconds. */
export function isHeld({ holder }: Lock, silence: number, isGone: (owner: Owner) => boolean): boolean {
  return holder.type === "owner" && !isGone(holder.owner) && silence <= holder.leaseMs;
}

/** E.g. `00000007.pid-4242.start-467407.lease-10000.machine-1a2b3c4d.example` or `00000008.released`. */
export function nameOfLock({ epoch, holder }: Omit<Lock, "name">): string {
  if (holder.type !== "owner") return `${digits(epoch)}.${holder.type}`;
  const { pid, startedAt, machine, host } = holder.owner;
  const words = [`pid-${pid}`, `start-${startedAt}`, `lease-${holder.leaseMs}`, `machine-${machine}`];
  return [digits(epoch), ...words, encodeURIComponent(host)].join(".");
}

const ownedName = /^(\d+)\.pid-(\d+)\.start-(\d+)\.lease-(\d+)\.machine-(\w+)\.(.*)$/;
const freeName = /^(\d+)\.(released|abandoned)$/;

/** What a name in the folder `lock` says; nothing where it is not a lock's. */
export function parseLockName(name: string): Lock | undefined {
  const [, freeEpoch, state] = freeName.exec(name) ?? [];
  if (freeEpoch !== undefined)
    return { name, epoch: Number(freeEpoch), holder: { type: state as "released" | "abandoned" } };
  const [, epoch, pid, startedAt = "", leaseMs, machine = "", host = ""] = ownedName.exec(name) ?? [];
  if (epoch === undefined) return undefined;
  const owner = { pid: Number(pid), startedAt, machine, host: decodeURIComponent(host) };
  return { name, epoch: Number(epoch), holder: { type: "owner", owner, leaseMs: Number(leaseMs) } };
}
