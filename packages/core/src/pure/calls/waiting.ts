import type { CallState } from "../../state.js";

/** It was put before a person, and neither they nor anything else has answered it. */
export function waitsForPerson({ askedAt, result }: CallState): boolean {
  return askedAt !== undefined && result === undefined;
}

/** One of its subagents waits for a person, and nothing has answered it itself. */
export function isSuspended({ suspended, result }: CallState): boolean {
  return suspended.length > 0 && result === undefined;
}

/** The sessions of a call's subagents that were begun and have not ended. */
export function openSubagents({ subagents, endedSubagents }: CallState): readonly string[] {
  return subagents.filter((child) => !endedSubagents.includes(child));
}
