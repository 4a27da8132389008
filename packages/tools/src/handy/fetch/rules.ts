import { ToolError } from "@lockstitch/core";
import { isLoopbackAddress, isPublicAddress } from "./public-address.js";

/** Where requests may go. */
export interface FetchRules {
  /** As `hostOf` gives them: `example.com`, or `*.example.com` for all hosts below it. `undefined`: any. */
  readonly hosts: readonly string[] | undefined;
  readonly ports: readonly number[];
  readonly allowLoopback: boolean;
}

const longestUrl = 8_192;

/** A URL that may be asked, as far as it says itself. Throws `ToolError`. */
export function checkUrl(text: string, rules: FetchRules): URL {
  if (text.length > longestUrl) throw new ToolError(`The URL is longer than ${longestUrl} characters.`);
  // URL reads decimal, octal and hexadecimal addresses as every browser does, and writes them as four numbers.
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined)
    throw new ToolError('That is no URL. Give a whole one, e.g. "https://example.com/".');
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw new ToolError(`${url.protocol} can't be fetched, only https: and http:.`);
  if (url.username !== "" || url.password !== "")
    throw new ToolError("The URL holds a user name or a password. Leave them out.");
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  if (!rules.ports.includes(port))
    throw new ToolError(`Port ${port} can't be asked, only ${rules.ports.join(" and ")}.`);
  const host = hostOf(url);
  if (rules.hosts !== undefined && !rules.hosts.some((pattern) => fits(host, pattern)))
    throw new ToolError(`${host} can't be asked, only ${rules.hosts.join(", ")}.`);
  return url;
}

/** The host without what a URL puts around or after it: brackets, and the root's dot. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
}

/** Throws `ToolError` unless every address is one that may be asked: which of them is used is not for us to say. */
export function checkAddresses(host: string, addresses: readonly string[], rules: FetchRules): void {
  if (addresses.length === 0) throw new ToolError(`There is no host ${host}. Check the URL.`);
  const allowed = (address: string) =>
    isPublicAddress(address) || (rules.allowLoopback && isLoopbackAddress(address));
  if (!addresses.every(allowed))
    throw new ToolError(`${host} is not on the public internet, and nothing else can be fetched.`);
}

function fits(host: string, pattern: string): boolean {
  return pattern.startsWith("*.") ? host.endsWith(pattern.slice(1)) : host === pattern;
}
