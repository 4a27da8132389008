import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { ToolError } from "@lockstitch/core";
import { get } from "./get.js";
import { readBody } from "./read-body.js";
import { checkAddresses, checkUrl, type FetchRules, hostOf } from "./rules.js";
import { contentTypeOf, decode, isText } from "./text-type.js";

/**
 * Every address of a host, in their usual spelling, alone or as Node's own lookup gives them. Rejects, or gives none, where there is no
 * such host.
 */
export type Lookup = (host: string) => Promise<readonly (string | { readonly address: string })[]>;

export interface FetchTerms extends FetchRules {
  readonly maxBytes: number;
  readonly lookup: Lookup;
}

const mostRedirects = 5;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** An error page says what is wrong at its beginning. */
const mostOfAnError = 2_000;

/** Fetches a text, wherever redirects lead, with the same checks for each. */
export async function fetchPage(text: string, terms: FetchTerms, signal: AbortSignal): Promise<string> {
  let url = checkUrl(text, terms);
  for (let count = 0; count <= mostRedirects; count++) {
    const response = await get(url, await addressesOf(url, terms, signal), signal);
    const next = locationOf(response, url);
    if (next === undefined) return answerOf(response, url, terms.maxBytes, signal);
    response.destroy();
    try {
      url = checkUrl(next, terms);
    } catch (error) {
      throw new ToolError(`${url.host} redirects elsewhere. ${error instanceof Error ? error.message : ""}`);
    }
  }
  throw new ToolError(`The URL leads through more than ${mostRedirects} redirects.`);
}

async function addressesOf(url: URL, terms: FetchTerms, signal: AbortSignal): Promise<readonly string[]> {
  const host = hostOf(url);
  const addresses = isIP(host) === 0 ? await beforeAbort(signal, lookUp(host, terms.lookup)) : [host];
  checkAddresses(host, addresses, terms);
  return addresses;
}

async function lookUp(host: string, lookup: Lookup): Promise<readonly string[]> {
  let answer: unknown;
  try {
    answer = await lookup(host);
  } catch {
    throw new ToolError(`There is no host ${host}, or its address can't be found out. Check the URL.`);
  }
  // Copied, each read once: what was checked is what is used.
  const addresses = Array.isArray(answer) ? [...answer].map(addressIn) : [undefined];
  if (addresses.every((address) => address !== undefined)) return addresses;
  throw new ToolError(
    `The address of ${host} can't be checked: this tool's lookup gave no list of addresses. Nobody was asked. Tell whoever set the tool up.`,
  );
}

function addressIn(entry: unknown): string | undefined {
  const address: unknown =
    typeof entry === "object" && entry !== null && "address" in entry ? entry.address : entry;
  return typeof address === "string" ? address : undefined;
}

/** A lookup can't be stopped, so it is left to itself. */
function beforeAbort<Value>(signal: AbortSignal, work: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
    if (signal.aborted) stop();
  });
}

function locationOf(response: IncomingMessage, url: URL): string | undefined {
  const { location } = response.headers;
  if (location === undefined || !redirects.has(response.statusCode ?? 0)) return undefined;
  return URL.canParse(location, url.href) ? new URL(location, url).href : location;
}

async function answerOf(
  response: IncomingMessage,
  url: URL,
  maxBytes: number,
  signal: AbortSignal,
): Promise<string> {
  const status = response.statusCode ?? 0;
  const isError = status < 200 || status > 299;
  const { type, charset } = contentTypeOf(response.headers["content-type"]);
  const isReadable = isText(type);
  if (!isReadable && !isError) {
    response.destroy();
    throw new ToolError(`${url.href} is ${type}, not text, and can't be shown.`);
  }
  const { bytes, cut } = await readBody(
    response,
    isError ? Math.min(maxBytes, mostOfAnError) : maxBytes,
    signal,
  );
  if (type === "" && bytes.includes(0)) throw new ToolError(`${url.href} is not text, and can't be shown.`);
  const head = `HTTP ${status}${type === "" ? "" : `, ${type}`}, ${url.href}`;
  const body = isReadable ? decode(bytes, charset) : "";
  const page = `${head}\n\n${body}${cut ? `\n[cut: the first ${bytes.length} bytes are shown]` : ""}`;
  if (isError) throw new ToolError(page.trim());
  return page;
}
