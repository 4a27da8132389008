import { lookup as lookupAtSystem } from "node:dns/promises";
import { isIPv6 } from "node:net";
import { type Tool, ToolDefinitionError } from "@lockstitch/core";
import { z } from "zod/v4";
import { tool } from "../../tool.js";
import { refuseUnknown } from "../../unknown-options.js";
import { flag, positive } from "../settings.js";
import { fetchPage, type Lookup } from "./fetch-page.js";
import { hostOf } from "./rules.js";

export interface FetchToolOptions {
  /** The only hosts that may be asked: `"example.com"`, or `"*.example.com"` for all below it. Default: any that is public. */
  readonly hosts?: readonly string[];
  /** The only ports that may be asked. Default 80 and 443. */
  readonly ports?: readonly number[];
  /** Bytes of a body that are shown, unpacked; what is beyond is cut. Default 80,000, which a run shows whole by default. */
  readonly maxBytes?: number;
  /** Milliseconds for all of it, redirects included. Default 20,000. */
  readonly timeoutMs?: number;
  /** For tests: this machine's own addresses, 127.0.0.0/8 and ::1, may be asked too. Default false. */
  readonly allowLoopback?: boolean;
  /**
   * Gives every address of a host, as texts or as `lookup(host, { all: true })` of `node:dns/promises` does. Default: the operating
   * system's. What it gives is checked all the same.
   */
  readonly lookup?: Lookup;
}

const input = z.object({ url: z.string().describe("A whole URL, e.g. https://example.com/page") });

/**
 * `fetch_url`: gets a text from the public internet over HTTP or HTTPS, and from nowhere else.
 * Throws `ToolDefinitionError` for an option that can't be meant.
 */
export function fetchTool(options: FetchToolOptions = {}): Tool<{ url: string }> {
  refuseUnknown("fetchTool", options, known);
  const terms = {
    hosts: checkedHosts(options.hosts),
    ports: checkedPorts(options.ports),
    maxBytes: positive("fetchTool", "maxBytes", options.maxBytes, 80_000),
    allowLoopback: flag("fetchTool", "allowLoopback", options.allowLoopback),
    lookup: options.lookup ?? lookUp,
  };
  if (typeof terms.lookup !== "function")
    refuse("a lookup that is no function; give one, or leave it out for the operating system's");
  return tool({
    name: "fetch_url",
    description: `Get a web page or another text by its URL. It comes as it is, HTML included, cut after ${terms.maxBytes} bytes.`,
    input,
    effects: "none",
    // Anybody may have written the page; and its server learns what the address says.
    reads: "untrusted",
    acts: true,
    timeoutMs: positive("fetchTool", "timeoutMs", options.timeoutMs, 20_000),
    run: ({ url }, { signal }) => fetchPage(url, terms, signal),
  });
}

const known = {
  hosts: true,
  ports: true,
  maxBytes: true,
  timeoutMs: true,
  allowLoopback: true,
  lookup: true,
} satisfies Record<keyof FetchToolOptions, true>;

async function lookUp(host: string): Promise<readonly string[]> {
  return (await lookupAtSystem(host, { all: true })).map(({ address }) => address);
}

/** A host that no URL can have would never be asked, and nobody would be told why; without any, none would. */
function checkedHosts(hosts: readonly string[] | undefined): readonly string[] | undefined {
  if (hosts === undefined) return undefined;
  if (!Array.isArray(hosts) || hosts.length === 0)
    return refuse(
      'hosts that are no list, or an empty one; give names, e.g. ["example.com"], or leave it out for any',
    );
  // A copy has no holes, which would be passed over.
  return [...hosts].map(asInUrl);
}

const aName = /^(\*\.)?[^\s/\\:*@?#[\]]+$/;

/** As the host of a URL, with which it will be compared, is written: in small letters of one alphabet, an address in its short form. */
function asInUrl(host: unknown): string {
  if (typeof host === "string") {
    const found = isIPv6(host)
      ? hostIn(`http://[${host}]`)
      : aName.test(host)
        ? hostIn(`http://${host}`)
        : "";
    if (found !== "") return found;
  }
  return refuse(`the host ${JSON.stringify(host)}; give a name alone, e.g. "example.com" or "*.example.com"`);
}

function hostIn(url: string): string {
  return URL.canParse(url) ? hostOf(new URL(url)) : "";
}

function checkedPorts(ports: readonly number[] = [80, 443]): readonly number[] {
  const isPort = (port: number) => Number.isInteger(port) && port >= 1 && port <= 65_535;
  if (Array.isArray(ports) && ports.length > 0 && [...ports].every(isPort)) return [...ports];
  return refuse("ports that are no list of numbers from 1 to 65535; leave it out for 80 and 443");
}

function refuse(what: string): never {
  throw new ToolDefinitionError("fetchTool", `fetchTool has ${what}.`);
}
