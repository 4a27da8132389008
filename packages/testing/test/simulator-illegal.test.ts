import { describe, expect, test } from "vitest";
import { refuseMessageRequest } from "../src/index.js";
import { changed, legal, of, type Row, surroundings, times } from "./changed-requests.js";
import { illegalMessages } from "./illegal-messages.js";
import { illegalSettings } from "./illegal-settings.js";
import { illegalTools } from "./illegal-tools.js";
import { closed } from "./legal-requests.js";

const illegal: readonly Row[] = [...illegalSettings, ...illegalMessages, ...illegalTools];

describe("the API refuses a request that it takes, once one thing in it is changed", () => {
  test.each(illegal)("%s with another %s (%#)", (base, path, value, message) => {
    const refusal = refuseMessageRequest(changed(legal[base], path, value), of(base));
    if (typeof message === "string") expect(refusal).toBe(message);
    else expect(refusal).toMatch(message);
  });

  test("in a hundred ways", () => {
    expect(illegal.length).toBeGreaterThan(100);
  });
});

describe("content of a message that is no list of blocks", () => {
  test.each<[string, unknown, string]>([
    ["system", 5, "messages.1.content: Input should be a valid string"],
    ["system", null, "messages.1.content: Input should be a valid string"],
    ["system", [null], "messages.1.content.0: Input should be a valid dictionary"],
    ["system", ["text"], "messages.1.content.0: Input should be a valid dictionary"],
    ["assistant", {}, "messages.1.content: Input should be a valid string"],
    ["user", [null], "messages.1.content.0: Input should be a valid dictionary"],
  ])("is refused and trips nothing: %s %j", (role, content, words) => {
    const messages = [
      { role: "user", content: "Hello" },
      { role, content },
      { role: "user", content: "Hello" },
    ];
    const body = { model: "claude-haiku-5-5", max_tokens: 10, messages };
    expect(refuseMessageRequest(body, surroundings())).toBe(words);
  });
});

test("a schema whose definitions are used over and over is judged at once", () => {
  const names = times(60, (index) => `d${index}`);
  const $defs = Object.fromEntries(
    names.map((name, index) => {
      const next = { $ref: `#/$defs/${names[index + 1]}` };
      return [name, closed(index + 1 < names.length ? { one: next, other: next } : {})];
    }),
  );
  const body = {
    model: "claude-haiku-5-5",
    max_tokens: 10,
    messages: [{ role: "user", content: "Hello" }],
    output_config: {
      format: { type: "json_schema", schema: { ...closed({ first: { $ref: "#/$defs/d0" } }), $defs } },
    },
  };
  expect(refuseMessageRequest(body, surroundings())).toBeUndefined();
});
