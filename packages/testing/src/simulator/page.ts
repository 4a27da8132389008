import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { RecordedRequest } from "./recorded-request.js";

/** As many as a person looks through; a long run has thousands. */
const shown = 200;
const refreshSeconds = 3;

const style = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 72rem; margin: 2.5rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.3rem; margin: 0; }
p { margin: .3rem 0 1.5rem; opacity: .7; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .4rem .7rem; text-align: left; vertical-align: top; border-bottom: 1px solid #8883; }
th { font-weight: 500; font-size: .85rem; opacity: .7; }
td { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.number { text-align: right; white-space: nowrap; }
.bad { color: light-dark(#b3261e, #ff8a80); }
.why td { padding-top: 0; }
.asked:has(+ .why) td { border-bottom: 0; }
`;

/** Nothing is loaded, run, framed or sent from here: what a request holds can't become more than text. */
const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** A page for people: the requests so far, the latest first. */
export function sendPage(response: ServerResponse, requests: readonly RecordedRequest[]): void {
  const page = Buffer.from(renderPage(requests));
  response.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "content-length": page.length,
    "content-security-policy": contentSecurityPolicy,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
  });
  // To a HEAD request nothing but the headers goes out.
  response.end(page);
}

function renderPage(requests: readonly RecordedRequest[]): string {
  const rows = requests.slice(-shown).reverse().map(renderRequest).join("");
  const none = `<tr><td colspan="${columns.length}">None yet.</td></tr>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="${refreshSeconds}">
<meta name="viewport" content="width=device-width">
<title>Simulator of the Messages API</title>
<style>${style}</style>
</head>
<body>
<h1>Simulator of the Messages API</h1>
<p>${summary(requests)}</p>
<table>
<thead><tr>${columns.map(({ title, kind }) => `<th${classOf(kind)}>${title}</th>`).join("")}</tr></thead>
<tbody>${rows || none}</tbody>
</table>
</body>
</html>
`;
}

function summary(requests: readonly RecordedRequest[]): string {
  const refused = requests.filter(({ error }) => error !== undefined).length;
  const struck = requests.filter(({ fault }) => fault !== undefined).length;
  const latest = requests.length > shown ? ` The latest ${shown} are shown.` : "";
  const count = `${requests.length} request${requests.length === 1 ? "" : "s"}`;
  return `${count}, ${refused} answered with an error, ${struck} struck by a fault.${latest}`;
}

interface Column {
  readonly title: string;
  readonly kind?: "number";
  readonly value: (request: RecordedRequest) => string | number | undefined;
}

const columns: readonly Column[] = [
  { title: "Time", value: ({ at }) => timeOf(at) },
  { title: "Request", value: ({ method, path }) => `${method} ${path}` },
  { title: "Model", value: ({ body }) => fieldOf(body, "model") },
  { title: "Stream", value: ({ body }) => (fieldOf(body, "stream") === "true" ? "yes" : "") },
  { title: "Status", value: ({ status }) => status ?? "none" },
  { title: "Input", kind: "number", value: ({ usage }) => usage?.input_tokens },
  { title: "Cache read", kind: "number", value: ({ usage }) => usage?.cache_read_input_tokens ?? undefined },
  {
    title: "Cache write",
    kind: "number",
    value: ({ usage }) => usage?.cache_creation_input_tokens ?? undefined,
  },
  { title: "Output", kind: "number", value: ({ usage }) => usage?.output_tokens },
  { title: "Fault", value: ({ fault }) => fault },
];

/** A simulator's clock is anybody's, and may give what is no time, or one beyond all dates. */
function timeOf(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "unknown" : (date.toISOString().split("T")[1] ?? "").slice(0, 8);
}

function renderRequest(request: RecordedRequest): string {
  const cells = columns
    .map(({ kind, value }) => `<td${classOf(kind)}>${escapeHtml(value(request))}</td>`)
    .join("");
  const { error } = request;
  const why = error
    ? `<tr class="why"><td></td><td class="bad" colspan="${columns.length - 1}">${escapeHtml(error.type)}: ${escapeHtml(error.message)}</td></tr>`
    : "";
  return `<tr class="asked">${cells}</tr>\n${why}`;
}

function classOf(kind: Column["kind"]): string {
  return kind === undefined ? "" : ` class="${kind}"`;
}

/** A body is whatever was sent: only plain values are looked at. */
function fieldOf(body: unknown, name: string): string {
  if (typeof body !== "object" || body === null || !Object.hasOwn(body, name)) return "";
  const value: unknown = Reflect.get(body, name);
  return typeof value === "string" || typeof value === "boolean" ? String(value) : "";
}

/** As much of a text as a person reads; a body may be megabytes of it. */
const longest = 300;

function cut(text: string): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, longest).toWellFormed()}… (${text.length.toLocaleString("en-US")} characters)`;
}

function escapeHtml(value: string | number | undefined): string {
  // Cut before it is escaped, which makes it longer.
  const text = typeof value === "number" ? value.toLocaleString("en-US") : cut(value ?? "");
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
