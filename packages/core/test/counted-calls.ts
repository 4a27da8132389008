import { existsSync, readFileSync } from "node:fs";
import type Anthropic from "@anthropic-ai/sdk";

/** Recorded traffic with the API lies beside the repository, not in it; where depends on where the repository lies. */
const file = ["../../../../shared", "../../../shared"]
  .map((shared) => new URL(`${shared}/recordings/http-exchanges.jsonl`, import.meta.url))
  .find((url) => existsSync(url));

export const found: boolean = file !== undefined;
/** Ends the title of tests that skip. */
export const noRecordings: string = found ? "" : " (SKIPPED: there are no recordings beside this repository)";
// A reporter may leave out the titles of skipped tests.
if (!found) console.warn("Skipped: there are no recordings, so the estimate's error was not measured.");

/** A call whose prompt the API has counted. */
export interface CountedCall {
  readonly request: Anthropic.MessageCreateParams;
  /** Of the prompt, and of the reply. */
  readonly tokens: number;
  readonly output: number;
  /** The next call of the same conversation, which goes on from this one's reply. */
  readonly next: CountedCall | undefined;
}

interface Row {
  readonly path: string;
  readonly i: number;
  readonly url: string;
  readonly request: Anthropic.MessageCreateParams;
  readonly status: number;
  readonly json?: { readonly usage?: Anthropic.Usage; readonly input_tokens?: number };
  readonly sse?: string;
  readonly raw?: string;
}

const rows: readonly Row[] =
  file === undefined
    ? []
    : readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map((line) => JSON.parse(line) as Row)
        .filter(({ url, status }) => /\/v1\/messages(\/count_tokens)?(\?|$)/.test(url) && status === 200);

/** Once each: many recorded tests send the same. */
export const countedCalls: readonly CountedCall[] = [
  ...new Map(rows.filter(isOfUse).map((row) => [JSON.stringify(row.request), row])).values(),
].flatMap((row) => toCall(row) ?? []);

function toCall(row: Row): CountedCall | undefined {
  const usage = usageOf(row);
  if (usage === undefined) return undefined;
  const next = rows.find(
    (other) =>
      other.path === row.path &&
      other.i === row.i + 1 &&
      other.request.messages.length > row.request.messages.length + 1 &&
      // With other settings the API says other words of its own.
      JSON.stringify([other.request.tool_choice, other.request.output_config]) ===
        JSON.stringify([row.request.tool_choice, row.request.output_config]),
  );
  return {
    request: row.request,
    tokens:
      usage.input_tokens + (usage.cache_creation_input_tokens ?? 0) + (usage.cache_read_input_tokens ?? 0),
    output: usage.output_tokens ?? 0,
    next: next === undefined || !isOfUse(next) ? undefined : toCall(next),
  };
}

/**
 * Of models that are still there. Left out are files, whose pages can't be counted from here; the API's own tools, whose usage is that of
 * several prompts; and conversations that the API itself had shortened.
 */
function isOfUse({ request }: Row): boolean {
  if (typeof request?.model !== "string" || /claude-[23]/.test(request.model)) return false;
  const text = JSON.stringify(request);
  const left = ["document", "search_result", "server_tool_use", "web_search"].some((type) =>
    text.includes(`"type":"${type}`),
  );
  const isCut = /"data":"[^"]{200}"/.test(text);
  return (
    !left &&
    !isCut &&
    !text.includes('"type":"url"') &&
    !("context_management" in request) &&
    !("output_format" in request)
  );
}

/** Of a stream as it began and, for the output, as it ended. */
function usageOf({ json, sse, raw }: Row): (Partial<Anthropic.Usage> & { input_tokens: number }) | undefined {
  if (json?.usage !== undefined) return json.usage;
  if (json?.input_tokens !== undefined) return { input_tokens: json.input_tokens };
  const body = sse ?? (raw === undefined ? "" : Buffer.from(raw, "base64").toString());
  const started = /^data: ?(\{"type": ?"message_start".*)$/m.exec(body)?.[1];
  if (started === undefined) return undefined;
  const { usage } = (JSON.parse(started) as Anthropic.RawMessageStartEvent).message;
  const output = [...body.matchAll(/"output_tokens": ?(\d+)/g)].at(-1)?.[1];
  return { ...usage, output_tokens: Number(output) };
}
