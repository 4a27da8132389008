import type { Kind } from "./settings.js";

/** The names of hosts, each without its port. */
export const hostNames: Kind = [
  "a list of names alone, without https://, port, path or * (an IPv6 address in brackets), " +
    'e.g. ["agents.example.com"]; left out, it is this machine\'s',
  (value) => Array.isArray(value) && value.length > 0 && value.every((name) => isAlone(name)),
];

/** A host's name as requests are compared by it: whatever a URL makes of it, in lower case above all. */
export function hostName(name: string): string {
  return new URL(`http://${name}`).hostname;
}

/** What else a URL holds would be dropped without a word, and a `*` be compared as it stands. */
function isAlone(name: unknown): boolean {
  return (
    typeof name === "string" &&
    /^([^\s:/?#@[\]\\*]+|\[[^\s/?#@[\]\\*]+\])$/.test(name) &&
    URL.canParse(`http://${name}`)
  );
}
