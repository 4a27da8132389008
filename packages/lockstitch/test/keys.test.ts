import { chmod, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import Anthropic from "@anthropic-ai/sdk";
import { createSimulator, type Fault, record, type Simulator, scriptMind } from "@lockstitch/testing";
import {
  AgentError,
  AuthenticationError,
  type Claude,
  type ClaudeOptions,
  claude,
  consoleSink,
  createTracer,
  type Environment,
  fileStore,
  KeyError,
  keyFile,
  MissingKeyError,
  partialOf,
  run,
} from "lockstitch";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

/** In no form that is known for a secret, so that nothing but care keeps it out. */
const canary = "canary7f3a9b2cQW";

const environment: Environment = {
  now: () => Date.now(),
  random: () => 0,
  id: () => crypto.randomUUID(),
  sleep: async (_milliseconds, signal) => signal?.throwIfAborted(),
};

let folder: string;
let simulator: Simulator;
let printed: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lockstitch-keys-"));
  printed = [];
  const print = (...values: readonly unknown[]) => void printed.push(inspect(values, { depth: 20 }));
  for (const method of ["log", "info", "debug", "warn", "error"] as const)
    vi.spyOn(console, method).mockImplementation(print);
  vi.stubEnv("ANTHROPIC_API_KEY", undefined);
  simulator = await createSimulator({ apiKey: canary, mind: scriptMind(["Hello.", "Hello again."]) });
  vi.stubEnv("ANTHROPIC_BASE_URL", simulator.url);
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await simulator.close();
  // The store keeps its lock for a moment after the run.
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function say(options: ClaudeOptions): Promise<string> {
  return (await run({}, "Hi", { claude: claude(options), environment })).text;
}

describe("claude({ key })", () => {
  it("takes the key from the environment by default", async () => {
    vi.stubEnv("ANTHROPIC_API_KEY", ` ${canary}\n`);
    expect(await say({})).toBe("Hello.");
  });

  it("takes a text, which the environment's key does not stand in the way of", async () => {
    vi.stubEnv("ANTHROPIC_API_KEY", "another");
    expect(await say({ key: `${canary}\n` })).toBe("Hello.");
  });

  it("asks a function before each attempt, so that a rotated key is used at once", async () => {
    const keys = ["the-old-one", canary];
    const ask = claude({ key: async () => keys.shift() ?? canary });
    // Refused: a 401 is final, for the next attempt would be refused as well.
    await expect(run({}, "Hi", { claude: ask, environment })).rejects.toBeInstanceOf(AuthenticationError);
    expect(simulator.requests).toHaveLength(1);
    expect((await run({}, "Hi", { claude: ask, environment })).text).toBe("Hello.");
  });

  it("asks it again for a retry", async () => {
    await simulator.close();
    simulator = await createSimulator({
      apiKey: canary,
      mind: scriptMind(["Hello."]),
      faults: [{ when: { request: 1 }, fault: { type: "status", status: 500 } }],
    });
    vi.stubEnv("ANTHROPIC_BASE_URL", simulator.url);
    let asked = 0;
    expect(
      await say({
        key: () => {
          asked += 1;
          return canary;
        },
      }),
    ).toBe("Hello.");
    expect(asked).toBe(2);
  });

  it.each<[string, ClaudeOptions["key"], RegExp]>([
    [
      "throws",
      () => {
        throw new RangeError(`vault said: ${canary}`);
      },
      /key function threw RangeError/,
    ],
    ["gives nothing", () => "", /key is empty/],
    ["gives no text", () => ({ key: canary }) as unknown as string, /gave object, and no text/],
    ["gives a key with a line break", () => `${canary}\n${canary}`, /a character that no key has/],
    ["gives a key with a typographic sign", () => `${canary}…`, /a character that no key has/],
  ])("fails with a KeyError that holds no key, at once, where the function %s", async (_how, key, words) => {
    const error = await say(key === undefined ? {} : { key }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KeyError);
    expect(String(error)).toMatch(words);
    expect(String((error as Error).stack)).not.toContain(canary);
    expect(simulator.requests).toHaveLength(0);
  });

  it("refuses what can be no key, and a key beside a client of one's own", () => {
    expect(() => claude({ key: " " })).toThrow(AgentError);
    expect(() => claude({ key: 7 as never })).toThrow(/must be an API key or a function/);
    expect(() => claude({ key: "a b" })).toThrow(KeyError);
    expect(() => claude({ key: "a", client: new Anthropic({ apiKey: "b" }) })).toThrow(/has its own/);
  });

  it("says what is wrong with a key of the environment that can't be sent", async () => {
    vi.stubEnv("ANTHROPIC_API_KEY", `${canary}…`);
    await expect(say({})).rejects.toThrow(/a character that no key has/);
  });

  it.each<[string, object, RegExp]>([
    [
      "apiKey",
      { apiKey: canary },
      /no option "apiKey" of claude\(\)\. The options are: client, key, timeouts/,
    ],
    ["a text", canary as never, /options of claude\(\) must be an object/],
    ["a text for a timeout", { timeouts: { headersMs: canary } }, /headersMs is a string; it must be/],
    ["null", null as never, /must be an object/],
    [
      "a wrong name of a timeout",
      { timeouts: { headerMs: 1 } },
      /no option "headerMs" of timeouts.*headersMs/,
    ],
  ])("refuses options that there are not, and shows no key: %s", (_what, options, words) => {
    expect(() => claude(options)).toThrow(AgentError);
    expect(() => claude(options)).toThrow(words);
    expect(() => claude(options)).not.toThrow(canary);
  });

  it("makes a client that logs nothing, for its log has the conversation in it", async () => {
    vi.stubEnv("ANTHROPIC_LOG", "debug");
    expect(await say({ key: canary })).toBe("Hello.");
    expect(printed).toEqual([]);
  });

  it("says what to do where there is no key", async () => {
    await expect(say({})).rejects.toThrow(MissingKeyError);
  });
});

describe("keyFile()", () => {
  const write = async (text: string, mode = 0o600) => {
    const file = join(folder, "key");
    await writeFile(file, text);
    await chmod(file, mode);
    return file;
  };

  it("gives what stands in the file, without the white space around it", async () => {
    expect(await say({ key: keyFile(await write(`\n ${canary} \n`)) })).toBe("Hello.");
    expect(printed).toEqual([]);
  });

  it("sees a key that changes, in place or with the file, without a restart", async () => {
    const path = await write("old");
    const key = keyFile(path);
    expect(await key()).toBe("old");
    await write("new");
    expect(await key()).toBe("new");
    await writeFile(join(folder, "next"), "newest", { mode: 0o600 });
    await rename(join(folder, "next"), path);
    expect(await key()).toBe("newest");
  });

  it.each<[string, () => Promise<string>, RegExp]>([
    ["is empty", () => write(" \n"), /nothing in the key file/],
    ["is not there", async () => join(folder, "nowhere"), /Can't open the key file .*nowhere" \(ENOENT\)/],
    ["is a folder", async () => folder, /must be a file with a key in it/],
    ["is something else", () => write("x".repeat(20_000)), /must be a file with a key in it/],
  ])("rejects where the file %s", async (_how, file, words) => {
    const key = keyFile(await file());
    await expect(key()).rejects.toThrow(KeyError);
    await expect(key()).rejects.toThrow(words);
  });

  it.each(["sk-ant-api03-0canary7f3a", ` sk-ant-${canary}\n`, canary.repeat(2), `/run/sk-ant-${canary}`])(
    "does not show what looks like a key in the place of its path: %#",
    async (given) => {
      const error = await keyFile(given)().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(KeyError);
      expect(String(error)).toMatch(/looks like a key itself .*claude\(\{ key \}\)/);
      expect(inspect(error, { showHidden: true })).not.toContain("canary7f3a");
    },
  );

  it.runIf(process.platform !== "win32")("warns once of a file that others can read", async () => {
    const key = keyFile(await write(canary, 0o640));
    expect(await key()).toBe(canary);
    await key();
    expect(printed).toEqual([
      expect.stringMatching(/other users of this machine can read the key file .*chmod 600/),
    ]);
  });
});

interface Scene {
  readonly name: string;
  readonly fault?: Fault;
  readonly serverKey?: string;
  readonly options?: (key: ClaudeOptions["key"]) => ClaudeOptions;
  /** Of the error that it ends with; none for a good end. */
  readonly error?: RegExp;
}

const withKey = (key: ClaudeOptions["key"]): ClaudeOptions => (key === undefined ? {} : { key });
const late = { headersMs: 30, bytesMs: 30, contentMs: 30 };
const scenes: readonly Scene[] = [
  { name: "success" },
  { name: "a key in the environment", options: () => ({}) },
  { name: "a wrong key", serverKey: "another", error: /AuthenticationError/ },
  { name: "a server that fails", fault: { type: "status", status: 500 }, error: /InternalServerError/ },
  { name: "a connection that is reset", fault: { type: "reset" }, error: /APIConnectionError/ },
  { name: "a broken stream", fault: { type: "cut" }, error: /BrokenStreamError/ },
  { name: "a malformed stream", fault: { type: "malformed" }, error: /BrokenStreamError/ },
  { name: "an error in mid-stream", fault: { type: "error" }, error: /APIError|Overloaded/ },
  { name: "a page of HTML", fault: { type: "html" }, error: /BrokenStreamError/ },
  {
    name: "headers that never come",
    fault: { type: "stall" },
    options: (key) => ({ ...withKey(key), timeouts: late }),
    error: /Timeout/,
  },
  {
    name: "a stream that falls silent",
    fault: { type: "stall", after: { events: 2 } },
    options: (key) => ({ ...withKey(key), timeouts: late }),
    error: /Timeout/,
  },
  {
    name: "nobody there",
    options: (key) => {
      vi.stubEnv("ANTHROPIC_BASE_URL", "http://127.0.0.1:1");
      return withKey(key);
    },
    error: /APIConnectionError/,
  },
  {
    name: "a key that can't be sent",
    options: () => ({ key: () => `${canary}\n${canary}` }),
    error: /KeyError/,
  },
  {
    name: "a key in the environment that can't be sent",
    options: () => {
      vi.stubEnv("ANTHROPIC_API_KEY", `${canary}\n${canary}`);
      return {};
    },
    error: /KeyError/,
  },
  {
    name: "a client of one's own with a key that can't be sent",
    options: () => ({ client: new Anthropic({ apiKey: `${canary}\n${canary}`, logLevel: "off" }) }),
    error: /KeyError/,
  },
];

describe("a key is never told", () => {
  it.each(scenes)("$name", async ({ fault, serverKey = canary, options = withKey, error: expected }) => {
    await simulator.close();
    simulator = await createSimulator({
      apiKey: serverKey,
      mind: scriptMind(["Hello."]),
      faults: fault === undefined ? [] : [{ when: { probability: 1 }, fault }],
    });
    vi.stubEnv("ANTHROPIC_BASE_URL", simulator.url);
    vi.stubEnv("ANTHROPIC_API_KEY", canary);
    vi.stubEnv("ANTHROPIC_LOG", "debug");
    const write = (text: unknown) => printed.push(String(text)) > 0;
    vi.spyOn(process.stderr, "write").mockImplementation(write);
    vi.spyOn(process.stdout, "write").mockImplementation(write);
    const tracer = createTracer({ sinks: [consoleSink({ stream: { write }, verbose: true })] });
    const told: unknown[] = [];
    const ask: Claude = claude(options(() => canary));
    const recorded = record(ask, join(folder, "cassette.jsonl"));
    const store = fileStore(join(folder, "sessions"));
    const ended = await run({}, "Hi", {
      claude: recorded,
      store,
      session: "s",
      environment,
      retry: { attempts: 2 },
      onEvent: (event) => {
        told.push(event);
        tracer.onEvent(event);
      },
    }).catch((error: unknown) => error);
    vi.restoreAllMocks();
    // Until the store is let go of, its files come, go and change their names.
    const lock = join(folder, "sessions", "lock");
    await vi.waitFor(
      async () => expect(await readdir(lock)).toEqual([expect.stringMatching(/released$/)]),
      10_000,
    );

    if (expected === undefined) expect(ended).toMatchObject({ text: "Hello." });
    else expect(`${(ended as Error).name} ${(ended as Error).constructor.name}`).toMatch(expected);
    expect(told.length).toBeGreaterThan(3);
    expect(printed.length).toBeGreaterThan(1);
    const deep = { showHidden: true, depth: Number.POSITIVE_INFINITY, getters: true };
    const shown = [
      ...printed,
      ...[ended, told, partialOf(ended), ask, recorded, tracer].map((value) => inspect(value, deep)),
      ...[ended, told].map((value) => JSON.stringify(value)),
      ...(ended instanceof Error ? [ended.message, String(ended.stack), String(ended.cause)] : []),
      ...(await bytesIn(folder)),
    ];
    expect(shown.length).toBeGreaterThan(10);
    expect(shown.filter((text) => text?.includes(canary))).toEqual([]);
  });
});

async function bytesIn(place: string): Promise<string[]> {
  const files = await readdir(place, { recursive: true, withFileTypes: true });
  const found = files.filter((file) => file.isFile());
  expect(found.length).toBeGreaterThan(1);
  return Promise.all(found.map(({ parentPath, name }) => readFile(join(parentPath, name), "latin1")));
}

describe("a gateway that tells what it was sent", () => {
  let answer: (response: ServerResponse, key: string) => void = () => {};
  const server = createServer((request, response) => {
    request.resume().on("end", () => answer(response, String(request.headers.authorization)));
  });
  let url: string;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => vi.stubEnv("ANTHROPIC_BASE_URL", url));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const errorOf = (message: string) =>
    JSON.stringify({ type: "error", error: { type: "api_error", message, details: { got: [message] } } });
  const refusal =
    (status: number): typeof answer =>
    (response, key) => {
      response.writeHead(status, { "content-type": "application/json", "x-you-sent": key });
      response.end(errorOf(`bad header: ${key}, ${encodeURIComponent(key)}`));
    };
  const page: typeof answer = (response, key) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end(`<p>${key}</p>`);
  };
  const midStream: typeof answer = (response, key) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(`event: error\ndata: ${errorOf(key)}\n\n`);
  };
  const malformed: typeof answer = (response, key) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(`event: message_start\ndata: {"type": ${key}\n\n`);
  };
  const answers = [
    ...[400, 401, 404, 429, 500].map((status) => [String(status), refusal(status)] as const),
    ["a page", page] as const,
    ["an error in a stream", midStream] as const,
    ["a malformed event", malformed] as const,
  ];
  const ways: readonly (readonly [string, () => ClaudeOptions])[] = [
    ["a text", () => ({ key: canary })],
    ["a function", () => ({ key: async () => canary })],
    [
      "the environment",
      () => {
        vi.stubEnv("ANTHROPIC_API_KEY", canary);
        return {};
      },
    ],
    ["a client's apiKey", () => ({ client: new Anthropic({ apiKey: canary, logLevel: "off" }) })],
    [
      "a client's function",
      () => ({ client: new Anthropic({ apiKey: async () => canary, logLevel: "off" }) }),
    ],
    ["a client's authToken", () => ({ client: new Anthropic({ authToken: canary, logLevel: "off" }) })],
  ];
  const deep = { showHidden: true, depth: Number.POSITIVE_INFINITY, getters: true };

  const tell = async (options: ClaudeOptions): Promise<{ error: unknown; told: unknown[] }> => {
    const told: unknown[] = [];
    const error = await run({}, "Hi", {
      claude: claude(options),
      environment,
      retry: { attempts: 2 },
      onEvent: (event) => told.push(event),
    }).catch((thrown: unknown) => thrown);
    return { error, told };
  };

  const scenes = ways.flatMap((way) => answers.map((given) => [...way, ...given] as const));
  it.each(scenes)("never gets the key into an error: %s, %s", async (_way, options, _what, given) => {
    answer = given;
    const { error, told } = await tell(options());
    expect(error).toBeInstanceOf(Error);
    expect(told.filter((event) => (event as { type: string }).type === "model.end")).not.toEqual([]);
    for (const shown of [
      inspect(error, deep),
      JSON.stringify(error),
      (error as Error).stack,
      inspect(told, deep),
    ])
      expect(shown).not.toContain(canary);
  });

  it("leaves the error what it is, but for the key", async () => {
    answer = refusal(401);
    const { error } = await tell({ key: canary });
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({ status: 401, type: "api_error", name: "AuthenticationError" });
    expect((error as Error).message).toMatch(/^401 .*bad header: .*\[redacted\]/);
  });

  it("does not take words for the key that are none", async () => {
    answer = (response) => refusal(400)(response, "all tasks failed");
    const { error } = await tell({ key: "k" });
    expect((error as Error).message).toContain("all tasks failed");
  });

  it.each([
    [
      "the environment",
      (base: string) => {
        vi.stubEnv("ANTHROPIC_BASE_URL", base);
        return { key: "k" };
      },
    ],
    [
      "a client",
      (base: string) => ({ client: new Anthropic({ apiKey: "k", baseURL: base, logLevel: "off" }) }),
    ],
  ])("keeps what stands before the host of a base URL out of errors: %s", async (_way, options) => {
    for (const base of [
      `http://user:${canary}@127.0.0.1:1`,
      `http://${canary}@127.0.0.1:1`,
      `http://u:${canary}@[`,
    ]) {
      const { error, told } = await tell(options(base));
      expect(error).toBeInstanceOf(Error);
      expect(inspect([error, told], deep)).not.toContain(canary);
      expect((error as Error).stack).not.toContain(canary);
    }
  });

  it("knows it in other spellings, and a password alone", async () => {
    const [key, password] = [`${canary}+/=`, `${canary}%2Fpw`];
    const told = [encodeURIComponent(key), password, `${canary}/pw`];
    const fetch = async () => new Response(errorOf(told.join(" ")), { status: 400 });
    const client = new Anthropic({
      apiKey: key,
      baseURL: `http://user:${password}@a.b`,
      fetch,
      logLevel: "off",
    });
    const { error } = await tell({ client });
    expect((error as Error).message).toContain("[redacted] [redacted] [redacted]");
    expect(inspect(error, deep)).not.toContain(canary);
  });

  it("changes nothing that is not its own: data of others is copied, a frozen error gets a double", async () => {
    const theirs = { got: [canary], self: {} };
    theirs.self = theirs;
    const thrown = Object.freeze(new RangeError(`told ${canary}`, { cause: theirs }));
    const create = () => Promise.reject(thrown);
    const { error } = await tell({ client: { apiKey: canary, messages: { create } } as never });
    expect(error).toBeInstanceOf(RangeError);
    expect(inspect(error, deep)).not.toContain(canary);
    expect(theirs.got).toEqual([canary]);
  });

  it("keeps it out of a failed count of tokens too", async () => {
    answer = refusal(400);
    const { signal } = new AbortController();
    const request = { model: "claude-haiku-5-5", max_tokens: 1, messages: [] };
    const error = await claude({ key: async () => canary })
      .countTokens?.(request, { signal })
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ status: 400 });
    expect(inspect(error, deep)).not.toContain(canary);
  });
});
