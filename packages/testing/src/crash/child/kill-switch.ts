import type { KillPoint, Place, Visits } from "../kill-point.js";

/** Kills its own process at a kill point, and counts how often it came by each place. */
export interface KillSwitch {
  readonly visits: Visits;
  /** Nothing counts before. */
  arm(point: KillPoint | undefined): void;
  /** Counts, and gives the count. Never returns at the point itself: SIGKILL is delivered before the call is over. */
  reach(place: Place): number;
}

export function createKillSwitch(): KillSwitch {
  const visits: { [place in Place]?: number } = {};
  let armed: { readonly point: KillPoint | undefined } | undefined;
  return {
    visits,
    arm(point) {
      armed = { point };
    },
    reach(place) {
      if (armed === undefined) return 0;
      const count = (visits[place] ?? 0) + 1;
      visits[place] = count;
      const { point } = armed;
      if (point?.place === place && point.count === count) process.kill(process.pid, "SIGKILL");
      return count;
    },
  };
}
