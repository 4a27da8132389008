import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { refuseMessageRequest } from "../src/index.js";
import { betaFeatures } from "../src/simulator/validate/beta-features.js";
import { knownBetas } from "../src/simulator/validate/betas.js";
import {
  assistant,
  expectRefusal,
  type Fields,
  hello,
  history,
  newest,
  request,
  result,
  text,
  tool,
  use,
  user,
} from "./request-parts.js";

describe("a beta", () => {
  const naming = (...betas: string[]): typeof newest => ({ version: "2026-10-21", betas: betas as never });

  test("that the API never had is refused, however many others are named", () => {
    expect(refuseMessageRequest(request(), naming("context-1m-2025-08-07", "foo-2030-01-01"))).toBe(
      "Unexpected value(s) `foo-2030-01-01` for the `anthropic-beta` header. " +
        "Please consult our documentation at docs.claude.com or try again without the header.",
    );
  });

  test("that the SDK names is taken", () => {
    const types = new URL("resources/beta/beta.d.ts", import.meta.resolve("@anthropic-ai/sdk"));
    const union = /type AnthropicBeta =([^;]*);/.exec(readFileSync(types, "utf8"))?.[1] ?? "";
    const named = [...union.matchAll(/'([^']+)'/g)].flatMap(([, beta]) => beta ?? []);
    expect(named.length).toBeGreaterThan(40);
    expect(refuseMessageRequest(request(), naming(...named))).toBeUndefined();
  });

  test.each([
    "message-batches-2024-09-24",
    "prompt-caching-2024-07-31",
    "pdfs-2024-09-25",
    "token-counting-2024-11-01",
    "token-efficient-tools-2025-02-19",
    "files-api-2025-04-14",
    "extended-cache-ttl-2025-04-11",
    "skills-2025-10-02",
    "cache-diagnosis-2026-04-07",
  ])("that is in general use by now is still taken: %s", (beta) => {
    expect(refuseMessageRequest(request(), naming(beta))).toBeUndefined();
  });
});

/** A request with one thing that only a beta knows, by where it stands. */
const withFeature: Readonly<Record<keyof typeof betaFeatures, (name: string) => Fields>> = {
  field: (name) => request({ [name]: legalFields[name] }),
  fallback_credit_token: () => request({ fallback_credit_token: { token: "x" } }),
  edit: (type) => request({ context_management: { edits: [{ type }] } }),
  output_config: (name) => request({ output_config: { [name]: { type: "tokens", total: 20_000 } } }),
  thinking: (name) => request({ thinking: { type: "adaptive", [name]: {} } }),
  message: (name) => history({ role: "system", content: "Be brief.", [name]: {} }),
  block: (type) =>
    type.startsWith("tool_")
      ? history({ role: "system", content: [{ type, tool: { type: "tool_reference", name: "look" } }] })
      : // A call is answered in the same turn.
        history(assistant({ type, id: "mcptoolu_1" }, { type, tool_use_id: "mcptoolu_1" }), hello),
  tool_addition: (type) =>
    history({ role: "system", content: [{ type: "tool_addition", tool: { type, definition: tool() } }] }),
  tool: (type) => request({ tools: [{ type, name: "x" }] }),
};
const legalFields: Fields = {
  billing_policy: { type: "billing_policy" },
  compaction: { type: "summarize" },
  context_management: { edits: [] },
  fallback_credit_token: "x",
  fallbacks: "default",
  mcp_servers: [],
  output_format: { type: "json_schema", schema: { type: "object", additionalProperties: false } },
  thread: { type: "create" },
};
const rows = Object.entries(betaFeatures).flatMap(([place, names]) =>
  Object.entries(names).map(([name, openers]) => ({
    place: place as keyof typeof betaFeatures,
    name,
    openers,
  })),
);

describe("what only a beta knows", () => {
  test.each(rows)("is opened by its own betas and by no other: $place $name", ({ place, name, openers }) => {
    const body = withFeature[place](name);
    const refusal = /Extra inputs are not permitted$|found using 'type' does not match|a valid string$/;
    for (const opener of openers) {
      const named = { version: "2026-10-21", betas: [opener] };
      expect([opener, refuseMessageRequest(body, named)]).toEqual([opener, undefined]);
    }
    expectRefusal(body, refusal);
    const others = [...knownBetas].filter((beta) => !openers.includes(beta));
    expect(refuseMessageRequest(body, { version: "2026-10-21", betas: others })).toMatch(refusal);
  });

  test("is of betas that there are", () => {
    expect(rows.flatMap(({ openers }) => openers).filter((beta) => !knownBetas.has(beta))).toEqual([]);
  });

  test("is not what nobody knows: no beta opens a field that is in no type of the SDK", () => {
    for (const body of [
      request({ treadmill: {} }),
      request({ tools: [tool({ treadmill: 1 })] }),
      request({ tools: [{ type: "treadmill_20260101", name: "treadmill" }] }),
      history(user({ type: "treadmill" })),
      history({ ...hello, treadmill: 1 }),
      request({ thinking: { type: "adaptive", treadmill: 1 } }),
      request({ thinking: { type: "disabled", block_binding: {} }, model: "claude-haiku-4-5" }),
      request({ context_management: { edits: [{ type: "treadmill" }] } }),
      request({ context_management: { edits: [5] } }),
    ])
      expect(refuseMessageRequest(body, { version: "2026-10-21", betas: [...knownBetas] })).toMatch(
        /Extra inputs are not permitted$|found using 'type' does not match/,
      );
  });
});

describe("fields within fields", () => {
  const scoped = { cache_control: { type: "ephemeral", scope: "global" } };
  const search = { type: "web_search_20260318", name: "web_search" };
  const located = (more: Fields): Fields =>
    request({ tools: [{ ...search, user_location: { type: "approximate", city: "Oslo", ...more } }] });
  const called = (caller: Fields): Fields => history(assistant(use("a", { caller })), user(result("a")));
  const extra = "Extra inputs are not permitted";

  test.each<[what: string, body: Fields, message: string]>([
    [
      "a text's marker",
      request({ messages: [user(text("x", scoped))] }),
      `messages.0.content.0.cache_control.scope: ${extra}`,
    ],
    ["a tool's marker", request({ tools: [tool(scoped)] }), `tools.0.cache_control.scope: ${extra}`],
    ["a request's marker", request(scoped), `cache_control.scope: ${extra}`],
    ["a place", located({ street: "x" }), `tools.0.web_search_20260318.user_location.street: ${extra}`],
    [
      "a caller",
      called({ type: "direct", why: "x" }),
      `messages.1.content.0.tool_use.caller.direct.why: ${extra}`,
    ],
  ])("are known, too: %s", (_, body, message) => {
    expectRefusal(body, message);
    const named = { version: "2026-10-21", betas: ["fast-mode-2026-02-01"] as never };
    expect(refuseMessageRequest(body, named)).toBe(message);
  });

  test("are taken where they are known", () => {
    expect(refuseMessageRequest(located({ region: null }), newest)).toBeUndefined();
    expect(refuseMessageRequest(called({ type: "direct" }), newest)).toBeUndefined();
  });
});
