import { lookup as lookupAtSystem } from "node:dns/promises";
import { domainToASCII } from "node:url";
import { type Tool, ToolDefinitionError } from "@lockstitch/core";
import { z } from "zod/v4";
import { tool } from "../../tool.js";
import { positive, refuseUnknown } from "../settings.js";
import { fetchPage } from "./fetch-page.js";

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
  /** Gives every address of a host. Default: the operating system's lookup. What it gives is checked all the same. */
  readonly lookup?: (host: string) => Promise<readonly string[]>;
}

const input = z.object({ url: z.string().describe("A whole URL, e.g. https://example.com/page") });

/**
 * `fetch_url`: gets a text from the public internet over HTTP or HTTPS, and from nowhere else.
 * Throws `ToolDefinitionError` for an option that can't be meant.
 */
export function fetchTool(options: FetchToolOptions = {}): Tool<{ url: string }> {
  const known = ["hosts", "ports", "maxBytes", "timeoutMs", "allowLoopback", "lookup"];
  refuseUnknown("fetchTool", options, known);
  const terms = {
    hosts: checkedHosts(options.hosts),
    ports: options.ports ?? [80, 443],
    maxBytes: positive("fetchTool", "maxBytes", options.maxBytes, 80_000),
    allowLoopback: options.allowLoopback === true,
    lookup: options.lookup ?? lookUp,
  };
  return tool({
    name: "fetch_url",
    description: `Get a web page or another text by its URL. It comes as it is, HTML included, cut after ${terms.maxBytes} bytes.`,
    input,
    effects: "none",
    timeoutMs: positive("fetchTool", "timeoutMs", options.timeoutMs, 20_000),
    run: ({ url }, { signal }) => fetchPage(url, terms, signal),
  });
}

async function lookUp(host: string): Promise<readonly string[]> {
  return (await lookupAtSystem(host, { all: true })).map(({ address }) => address);
}

/** A host that no URL can have would never be asked, and nobody would be told why. */
function checkedHosts(hosts: readonly string[] | undefined): readonly string[] | undefined {
  const wrong = hosts?.find((host) => !/^(\*\.)?[^\s/:*@?#[\]]+$/.test(host) && !/^[0-9a-f:.]+$/i.test(host));
  if (wrong === undefined) return hosts?.map(asInUrl);
  throw new ToolDefinitionError(
    "fetchTool",
    `fetchTool has the host ${JSON.stringify(wrong)}; give a name alone, e.g. "example.com" or "*.example.com".`,
  );
}

/** A URL writes the letters of other alphabets in its own way. */
function asInUrl(host: string): string {
  return host.startsWith("*.") ? `*.${asInUrl(host.slice(2))}` : domainToASCII(host) || host.toLowerCase();
}
