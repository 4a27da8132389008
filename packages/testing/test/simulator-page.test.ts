import { createHash } from "node:crypto";
import { request as httpRequest } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { createSimulator, type Simulator, type SimulatorOptions } from "../src/index.js";

const open: Simulator[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await createSimulator({
    now: () => Date.parse("2026-11-22T12:34:56Z"),
    mind: () => ({
      content: [{ type: "text", text: "Yes." }],
      usage: {
        input_tokens: 1_234,
        cache_read_input_tokens: 56_789,
        cache_creation_input_tokens: 4_321,
        output_tokens: 77,
      },
    }),
    ...options,
  });
  open.push(simulator);
  return simulator;
}

const question = { model: "claude-haiku-5-5", max_tokens: 100, messages: [{ role: "user", content: "Hi" }] };

async function ask(simulator: Simulator, body: unknown): Promise<void> {
  const response = await fetch(`${simulator.url}/v1/messages`, {
    method: "POST",
    headers: { "x-api-key": "sk-secret", "anthropic-version": "2026-10-21" },
    body: JSON.stringify(body),
  });
  await response.text();
}

async function page(simulator: Simulator): Promise<{ html: string; rows: string[][]; headers: Headers }> {
  const response = await fetch(simulator.url);
  expect(response.status).toBe(200);
  const html = await response.text();
  const rows = [...html.matchAll(/<tr class="asked">(.*?)<\/tr>/gs)].map(([, row = ""]) =>
    [...row.matchAll(/<td[^>]*>(.*?)<\/td>/gs)].map(([, cell = ""]) => cell),
  );
  return { html, rows, headers: response.headers };
}

describe("the page of a simulator", () => {
  test("is there before the first request, needs no key, and is no request itself", async () => {
    const simulator = await start();
    expect((await page(simulator)).html).toContain("None yet.");
    expect((await page(simulator)).html).toContain("0 requests");
    expect(simulator.requests).toEqual([]);
  });

  test("shows each request, the latest first: when, what, which model, how it went and what it used", async () => {
    const simulator = await start({ faults: [{ when: { request: 3 }, fault: { type: "html" } }] });
    await ask(simulator, question);
    await ask(simulator, { ...question, stream: true });
    await ask(simulator, question);
    await ask(simulator, { ...question, max_tokens: -1 });
    const { rows, html } = await page(simulator);
    const used = ["1,234", "56,789", "4,321", "77"];
    const asked = ["12:34:56", "POST /v1/messages", "claude-haiku-5-5"];
    expect(rows).toEqual([
      [...asked, "", "400", "", "", "", "", ""],
      [...asked, "", "200", "", "", "", "", "html"],
      [...asked, "yes", "200", ...used, ""],
      [...asked, "", "200", ...used, ""],
    ]);
    expect(html).toContain("4 requests, 1 answered with an error, 1 struck by a fault.");
    expect(html).toMatch(/invalid_request_error: max_tokens/);
  });

  test("says what was wrong with a request right below it", async () => {
    const simulator = await start();
    await ask(simulator, { ...question, max_tokens: -1 });
    const { html } = await page(simulator);
    expect(html).toMatch(/<td>400<\/td>[\s\S]*<tr class="why">.*invalid_request_error: max_tokens/);
  });

  test("shows whatever a request holds as text", async () => {
    const attack = `"><script>alert('1')</script>&amp;`;
    const simulator = await start();
    await ask(simulator, { ...question, model: attack });
    await ask(simulator, { ...question, [attack]: 1 });
    await ask(simulator, { ...question, model: { toString: attack } });
    await ask(simulator, [question]);
    await fetch(`${simulator.url}/<img src=x>`, { headers: { "x-api-key": "sk-secret" } });
    const { html, rows } = await page(simulator);
    expect(rows).toHaveLength(5);
    expect(html).not.toMatch(/<script|<img|&amp;(?!#)/);
    expect(html).toContain("&#34;&#62;&#60;script&#62;alert(&#39;1&#39;)&#60;/script&#62;&#38;amp;");
  });

  test("shows no key and no conversation", async () => {
    const simulator = await start();
    await ask(simulator, { ...question, messages: [{ role: "user", content: "a private matter" }] });
    expect((await page(simulator)).html).not.toMatch(/sk-secret|private matter/);
  });

  test("loads nothing, runs nothing, and can't be framed", async () => {
    const { html, headers } = await page(await start());
    const policy = headers.get("content-security-policy") ?? "";
    const style = /<style>([\s\S]*)<\/style>/.exec(html)?.[1] ?? "";
    expect(policy.split("; ")).toEqual([
      "default-src 'none'",
      `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
    expect(html).not.toMatch(/\s(?:src|href|style|on\w+)=/);
    expect(html).not.toContain("<script");
    expect(html).toContain('<meta http-equiv="refresh"');
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("cache-control")).toBe("no-store");
  });

  test("is for this machine alone: under another name there is none", async () => {
    const simulator = await start();
    const answer = await new Promise<{ status: number | undefined; text: string }>((resolve) => {
      const options = { port: simulator.port, headers: { host: "evil.example" } };
      httpRequest(options, async (response) => {
        let text = "";
        for await (const piece of response) text += String(piece);
        resolve({ status: response.statusCode, text });
      }).end();
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.text).not.toContain("<html");
  });

  test("shows the latest 200 of a long run", async () => {
    const simulator = await start();
    for (let round = 0; round < 205; round++)
      await fetch(`${simulator.url}/number/${round}`).then((it) => it.text());
    const { rows, html } = await page(simulator);
    expect(rows).toHaveLength(200);
    expect(rows[0]?.[1]).toBe("GET /number/204");
    expect(html).toContain("205 requests");
    expect(html).toContain("The latest 200 are shown.");
  });
});
