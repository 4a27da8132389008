import { inspect } from "node:util";
import {
  type Agent,
  AgentError,
  LockstitchError,
  memoryStore,
  models,
  officialPrices,
  run,
} from "@lockstitch/core";
import { scripted } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { McpError, mcpTools, serveMcp } from "../src/index.js";

const description = "Knows things.";
const none = { name: "x", command: "no-such-program-anywhere" };
const web = { name: "x", url: "http://127.0.0.1:9/" };

/** Before anything was started: what is wrong is told, and not that a server can't be reached. */
async function refusalOf(make: () => unknown): Promise<McpError> {
  const error = await (async () => make())().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(McpError);
  expect(error).toBeInstanceOf(LockstitchError);
  expect((error as McpError).message).not.toMatch(/can't be reached|undefined|\[object/);
  return error as McpError;
}

describe("a server that can't be meant is refused with the way out", () => {
  it.each<[string, unknown, RegExp]>([
    ["null", null, /^mcpTools\(\) takes a server: \{ name: .*, command: .*\}, or \{ name: .*, url: /],
    ["nothing", undefined, /^mcpTools\(\) takes a server/],
    ["a text", "npx server", /^mcpTools\(\) takes a server/],
    ["a list", [none], /^mcpTools\(\) takes a server/],
    ["no name", { command: "npx" }, /needs another name/],
    ["a name that is none", { ...none, name: 5 }, /needs another name/],
    ["neither a command nor a URL", { name: "x" }, /needs either a `command`/],
    ["both", { ...none, ...web }, /needs either a `command`/],
    [
      "a misspelt setting",
      { ...none, arguments: [] },
      /has no setting "arguments".*are: name, command, args/,
    ],
    ["arguments beside a URL", { ...web, args: [] }, /has no setting "args".*are: name, url, headers/],
    ["no program", { ...none, command: " " }, /command must be a text with words/],
    ["arguments in one text", { ...none, args: "-y server" }, /args must be a list of texts/],
    ["a number among the arguments", { ...none, args: ["-p", 80] }, /args must be a list of texts/],
    ["a number as a variable", { ...none, env: { PORT: 80 } }, /env must be an object of texts/],
    [
      "a variable that nobody has set",
      { ...none, env: { A: "a", B: undefined, C: undefined } },
      /env must be an object of texts\. Undefined: B, C\.$/,
    ],
    [
      "a header that nobody has set",
      { ...web, headers: { authorization: undefined } },
      /headers must be an object of texts\. Undefined: authorization\.$/,
    ],
    ["a folder that is none", { ...none, folder: 5 }, /folder must be a text/],
    ["a listener that is none", { ...none, onStderr: "inherit" }, /onStderr must be a function/],
    [
      "an address of another kind",
      { ...web, url: "file:///etc" },
      /url must be an address that begins with http/,
    ],
    ["no address", { ...web, url: "example.com" }, /url must be an address that begins with http/],
    ["headers in a list", { ...web, headers: [["a", "b"]] }, /headers must be an object of texts/],
    [
      "a header without a value",
      { ...web, headers: { authorization: null } },
      /headers must be an object of texts/,
    ],
  ])("%s", async (_what, server, words) => {
    expect((await refusalOf(() => mcpTools(server as never))).message).toMatch(words);
  });
});

describe("a user and a password in a server's address", () => {
  it.each(["http://key-of-mine:pass-of-mine@127.0.0.1:9/", new URL("http://key-of-mine@127.0.0.1:9/")])(
    "are refused with the way out, and told to nobody (%#)",
    async (url) => {
      const error = await refusalOf(() => mcpTools({ name: "x", url }));
      expect(error.message).toMatch(
        /^The MCP server "x": url must be without a user and a password.* headers.* authorization/,
      );
      expect(inspect(error)).not.toMatch(/of-mine/);
    },
  );
});

describe("options of mcpTools() that can't be meant are refused with the way out", () => {
  it.each<[string, unknown, RegExp]>([
    ["null", null, /^mcpTools\(\): the options must be an object, e\.g\. \{ trusted: true \}/],
    ["a list", [], /options must be an object/],
    [
      "a misspelt one",
      { trustd: true },
      /has no option "trustd"\. The options are: trusted, reads, acts, pins/,
    ],
    ["trust in words", { trusted: "no" }, /trusted must be true or false/],
    [
      "a kind that there is not",
      { reads: "public" },
      /reads must be "untrusted", "private", both in a list, or \[\]/,
    ],
    ["a list with one such", { reads: ["private", "x"] }, /reads must be/],
    ["acts in words", { acts: "false" }, /acts must be true or false/],
    ["pins nowhere", { pins: "" }, /pins must be the path of a JSON file, or a Map/],
    ["pins in an object", { pins: {} }, /pins must be/],
    ["an answer for a question", { accept: true }, /accept must be a function/],
    ["no time", { timeoutMs: 0 }, /timeoutMs must be a positive number of milliseconds/],
    ["time in words", { connectTimeoutMs: "5s" }, /connectTimeoutMs must be a positive number/],
    ["a time that is no number", { timeoutMs: Number.NaN }, /timeoutMs must be a positive/],
  ])("%s", async (_what, options, words) => {
    expect((await refusalOf(() => mcpTools(none, options as never))).message).toMatch(words);
  });

  it("but an option may be undefined, as one that is passed on often is", async () => {
    const options = { trusted: undefined, pins: undefined, timeoutMs: undefined } as never;
    await expect(mcpTools(none, options)).rejects.toThrow(/can't be reached/);
  });
});

const hostNames =
  /hosts must be a list of names alone, .*e\.g\. \["agents\.example\.com"\]; left out, it is this machine's/;

describe("what serveMcp() can't mean is refused when the server is made, with the way out", () => {
  it.each<[string, unknown, unknown, RegExp]>([
    ["null", null, { description }, /^serveMcp\(\) takes an agent, e\.g\. serveMcp\(\{/],
    ["nothing", undefined, undefined, /^serveMcp\(\) takes an agent/],
    ["a list of agents", [{}], { description }, /^serveMcp\(\) takes an agent/],
    ["a tool's name", "ask", { description }, /^serveMcp\(\) takes an agent/],
    ["no options", {}, undefined, /^serveMcp\(\): the options must be an object, e\.g\. \{ description: /],
    ["null for options", {}, null, /options must be an object/],
    ["a description for options", {}, description, /options must be an object/],
    ["no description", {}, {}, /needs a description/],
    ["an empty one", {}, { description: " " }, /description must be a text with words/],
    [
      "a name of two words",
      {},
      { description, tool: "two words" },
      /tool must be a tool's name: 1 to 64 letters/,
    ],
    ["a misspelt option", {}, { description, host: "a" }, /has no option "host"\. The options are: .*hosts/],
    ["a session", {}, { description, session: "x" }, /has no option "session"/],
    ["one host", {}, { description, hosts: "agents.example" }, hostNames],
    ["an address for a host", {}, { description, hosts: ["https://agents.example"] }, hostNames],
    ["a host with its port", {}, { description, hosts: ["agents.example:8443"] }, hostNames],
    ["a host with the usual port", {}, { description, hosts: ["agents.example:80"] }, hostNames],
    ["a host with a path", {}, { description, hosts: ["agents.example/mcp"] }, hostNames],
    ["any host", {}, { description, hosts: ["*"] }, hostNames],
    ["any host below one", {}, { description, hosts: ["agents.example", "*.agents.example"] }, hostNames],
    ["an address of version 6 in no brackets", {}, { description, hosts: ["::1"] }, hostNames],
    ["a host that is none", {}, { description, hosts: [""] }, hostNames],
    ["no hosts", {}, { description, hosts: [] }, hostNames],
    ["a version that is none", {}, { description, version: 1 }, /version must be a text/],
    [
      "a client for a Claude",
      {},
      { description, claude: {} },
      /claude must be a function, e\.g\. claude\(\{ client \}\)/,
    ],
    [
      "a path for a store",
      {},
      { description, store: ".lockstitch" },
      /store must be a store, e\.g\. memoryStore\(\)/,
    ],
    [
      "an object for a store",
      {},
      { description, store: {} },
      /store must be a store, e\.g\. memoryStore\(\)/,
    ],
    [
      "half a store",
      {},
      { description, store: { ...memoryStore(), watch: undefined } },
      /store must be a store/,
    ],
    [
      "an object for an environment",
      {},
      { description, environment: {} },
      /environment must be .* now, random, id and sleep/,
    ],
    ["a number for a model", {}, { description, models: [5] }, /models must be a list of models, e\.g\./],
    ["a listener that is none", {}, { description, onEvent: true }, /onEvent must be a function/],
    ["another that is none", {}, { description, onError: "log" }, /onError must be a function/],
  ])("%s", async (_what, agent, options, words) => {
    const error = await refusalOf(() => serveMcp(agent as never, options as never));
    expect(error.message).toMatch(words);
  });

  it("and so is an agent that no run would take", () => {
    const served =
      (agent: Agent, more = {}) =>
      () =>
        serveMcp(agent, { description: "Knows things.", ...more });
    const twin = { name: "twin", effects: "none", parse: (input: unknown) => input, run: () => "" } as const;
    expect(served({ tools: [twin, twin] })).toThrow(/Two tools are called "twin"/);
    expect(served({ model: "claude-unheard-of", limits: { usd: 1 } })).toThrow(/limits.usd needs the price/);
    expect(served({ name: 5 } as never)).toThrow(/agent\.name must be a text/);
    const unpriced = { prices: { ...officialPrices, prices: [] } };
    expect(served({ limits: { usd: 1 } }, unpriced)).toThrow(/limits.usd needs the price/);
    expect(served({}, { prices: {} })).toThrow(/prices must be a price book/);
  });

  it.each<[unknown, RegExp]>([
    [{ x: 1 }, /retry has no setting "x"\. The settings are: attempts, maxRetryAfterMs\./],
    [{ attempts: 0 }, /retry: attempts must be a whole number of at least 1/],
    [{ attempts: 1.5 }, /retry: attempts must be/],
    [{ maxRetryAfterMs: -1 }, /retry: maxRetryAfterMs must be 0 or more milliseconds/],
    [{ maxRetryAfterMs: "5s" }, /retry: maxRetryAfterMs must be/],
  ])("and so are retries that no run would take (%j)", async (retry, words) => {
    const options = { retry, claude: scripted(["Hi."]) } as never;
    await expect(run({}, "Hi.", options)).rejects.toThrow(AgentError);
    expect((await refusalOf(() => serveMcp({}, { description, retry } as never))).message).toMatch(words);
  });

  it("but not what a run takes", () => {
    const hosts = ["agents.example", "127.0.0.1", "[::1]", "b\u00fccher.example", "localhost"];
    const retry = { attempts: 1, maxRetryAfterMs: 0 };
    const options = { hosts, retry, store: memoryStore(), models, prices: officialPrices };
    expect(() => serveMcp({}, { description, ...options, onError: undefined } as never)).not.toThrow();
  });

  it("and an agent's odd name does not keep it from being served", () => {
    expect(() => serveMcp({ name: "the clerk, 2" }, { description })).not.toThrow();
  });
});
