import { isSamePoint, type KillPoint } from "../kill-point.js";
import type { Channel } from "./channel.js";

/** Holds its process up at chosen points until the one that plays has had its say. */
export interface Holder {
  pass(point: KillPoint): Promise<void>;
}

export function createHolder(channel: Channel, holdAt: readonly KillPoint[]): Holder {
  return {
    async pass(point) {
      if (!holdAt.some((other) => isSamePoint(other, point))) return;
      const letGo = channel.next("let_go");
      channel.send({ type: "held", at: point });
      await letGo;
    },
  };
}
