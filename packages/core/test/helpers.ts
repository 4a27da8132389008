import { APIError } from "@anthropic-ai/sdk";
import type { Claude, Environment, Tool } from "@lockstitch/core";

/** A tool written by hand, as a user may. */
export function handTool(name: string, work: Tool["run"], more: Partial<Tool> = {}): Tool {
  return { name, effects: "none", parse: (input) => input, run: work, ...more };
}

/** A model that, between the last piece of a reply and its end, leaves time for all that can happen: eager calls run. */
export function slowly(claude: Claude): Claude {
  return async (request, call) => {
    const reply = await claude(request, call);
    await new Promise((resolve) => setImmediate(resolve));
    return reply;
  };
}

/** The error that the SDK makes of a response like this. */
export function apiError(
  status: number,
  type: string,
  headers: Record<string, string> = {},
  details?: object,
): APIError {
  const body = {
    type: "error",
    error: { type, message: `a ${type}`, ...(details === undefined ? {} : { details }) },
  };
  return APIError.generate(status, body, undefined, new Headers({ "request-id": "req_1", ...headers }));
}

export function types(events: readonly { readonly type: string }[]): string[] {
  return events.map(({ type }) => type);
}

/** A clock that jumps instead of waiting: tests never depend on real time. Chance is always one half. */
export function virtualTime(): Environment & { readonly slept: number[] } {
  let now = 1_800_000_000_000;
  let ids = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    random: () => 0.5,
    id: () => `id_${++ids}`,
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      slept.push(milliseconds);
      now += milliseconds;
    },
  };
}
