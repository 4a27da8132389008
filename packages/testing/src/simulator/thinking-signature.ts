import { createHmac } from "node:crypto";
import type { MessageCreateParams } from "@anthropic-ai/sdk/resources/messages";
import { extend, promptBlocks, spoken } from "./prompt.js";

/**
 * The signatures of thinking blocks. Nothing about them is secret: they are as recognisable as the API's, so that a
 * simulator can tell what another one signed, and what came from elsewhere and can't be judged.
 */
const mark = "U0lO";
const half = 43;

export interface BrokenThinking {
  /** E.g. `messages.1.content.0`. */
  readonly path: string;
  /** Either the block itself was changed, or something before it. */
  readonly problem: "changed" | "out_of_place";
}

type Prompt = Pick<MessageCreateParams, "messages" | "system" | "tools">;

/** What stands before the reply to this request, as a digest; `prefixAfter` carries it on over the reply's own blocks. */
export function prefixOf(request: Prompt): string {
  let prefix = "";
  for (const { section, content } of promptBlocks(request)) prefix = extend(prefix, `${section} ${content}`);
  return prefix;
}

/** The prefix with one more block of a reply. */
export function prefixAfter(prefix: string, block: unknown): string {
  return extend(prefix, `messages ${spoken("assistant", block)}`);
}

/** Every thinking block of a request that this simulator signed and that is not what it was, or not where it was. */
export function* findBrokenThinking(request: Prompt): Generator<BrokenThinking> {
  let prefix = "";
  for (const { section, content, path, value } of promptBlocks(request)) {
    const block = value as {
      readonly type?: unknown;
      readonly thinking?: unknown;
      readonly signature?: unknown;
    };
    if (section === "messages" && block.type === "thinking") {
      const problem = verifyThinking(prefix, String(block.thinking), String(block.signature));
      if (problem !== "fine") yield { path, problem };
    }
    prefix = extend(prefix, `${section} ${content}`);
  }
}

/** Binds a thought to what stands before it. Its own seal can be checked wherever it stands. */
export function signThinking(prefix: string, thinking: string): string {
  const place = seal(prefix);
  return mark + place + seal(`${place} ${thinking}`);
}

/**
 * Whether a thought is what was signed and stands where it was signed. Whatever no simulator signed passes, but for an empty
 * signature, which is nobody's; what begins as a simulator's and is none was damaged on its way.
 */
export function verifyThinking(
  prefix: string,
  thinking: string,
  signature: string,
): "fine" | BrokenThinking["problem"] {
  if (signature === "") return "changed";
  if (!signature.startsWith(mark)) return "fine";
  const place = signature.slice(mark.length, mark.length + half);
  if (signature !== mark + place + seal(`${place} ${thinking}`)) return "changed";
  return place === seal(prefix) ? "fine" : "out_of_place";
}

function seal(text: string): string {
  return createHmac("sha256", "lockstitch simulator").update(text).digest("base64url");
}
