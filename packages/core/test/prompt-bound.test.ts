import { describe, expect, it } from "vitest";
import { prepareAgent } from "../src/prepare-agent.js";
import { emptyState } from "../src/pure/apply.js";
import { promptBound } from "../src/pure/prompt-bound.js";
import type { PromptState, State } from "../src/state.js";
import { toUsage } from "../src/usage.js";
import { absent, conversations, type Exchange, found, parseBody, parseWhole } from "./recordings.js";

const window = 1_000_000;

function boundOf({ request }: Exchange, prompt?: PromptState): number {
  const { model, system, tools = [], messages, max_tokens: _max, stream: _stream, ...rest } = request;
  const state: State = { ...emptyState("s"), system, tools, messages, prompt };
  const { request: settings, ...agent } = prepareAgent({ model });
  return promptBound(state, { ...agent, request: { ...settings, ...rest } }, window);
}

/** What the API says of a recorded call, where its body holds it. */
function usageOf(exchange: Exchange): { readonly input: number; readonly output: number } | undefined {
  const usages = parseBody(exchange.body).map(
    (event) =>
      (event as { message?: { usage?: object } }).message?.usage ?? (event as { usage?: object }).usage,
  );
  const whole = parseWhole(exchange.body) as { readonly usage?: object } | undefined;
  const raw = exchange.isStream ? Object.assign({}, ...usages) : whole?.usage;
  const usage = toUsage(raw);
  const input = usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens;
  return input === 0 ? undefined : { input, output: usage.output_tokens };
}

interface Case {
  readonly name: string;
  readonly counted: number;
  readonly bound: number;
}

const isServerSide = ({ request }: Exchange) =>
  /"type":"(web_|code_execution|mcp|tool_search)/.test(JSON.stringify([request.tools ?? [], request])) ||
  "mcp_servers" in request;

const cases: readonly Case[] = !found
  ? []
  : conversations.flatMap(({ name, exchanges }) =>
      exchanges.flatMap((exchange, index): Case[] => {
        const usage = usageOf(exchange);
        // The API's own loops put into the prompt what nobody sent.
        if (usage === undefined || isServerSide(exchange)) return [];
        const alone = { name: `${name} ${index}`, counted: usage.input, bound: boundOf(exchange) };
        const before = exchanges[index - 1];
        const known = before === undefined ? undefined : usageOf(before);
        if (before === undefined || known === undefined || before.request.model !== exchange.request.model)
          return [alone];
        const prompt = {
          model: exchange.request.model,
          tokens: known.input,
          output: known.output,
          messages: before.request.messages.length,
        };
        const isNext = JSON.stringify(exchange.request.messages).startsWith(
          JSON.stringify(before.request.messages).slice(0, -1),
        );
        return isNext
          ? [alone, { ...alone, name: `${alone.name} after`, bound: boundOf(exchange, prompt) }]
          : [alone];
      }),
    );

describe("the bound of a prompt", () => {
  it.runIf(found)(
    `is never below what the API counted, for all ${cases.length} recorded prompts${absent}`,
    () => {
      expect(cases.length).toBeGreaterThan(100);
      expect(cases.filter(({ name }) => name.endsWith("after")).length).toBeGreaterThan(20);
      expect(cases.filter(({ counted, bound }) => bound < counted)).toEqual([]);
    },
  );
});
