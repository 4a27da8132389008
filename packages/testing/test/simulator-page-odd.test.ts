import { afterEach, describe, expect, test } from "vitest";
import { createSimulator, type Simulator, type SimulatorOptions } from "../src/index.js";

const open: Simulator[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await createSimulator({ mind: () => "Yes.", ...options });
  open.push(simulator);
  return simulator;
}

async function ask(simulator: Simulator, change: object = {}): Promise<number> {
  const response = await fetch(`${simulator.url}/v1/messages`, {
    method: "POST",
    headers: { "x-api-key": "any", "anthropic-version": "2026-10-21" },
    body: JSON.stringify({
      model: "claude-haiku-5-5",
      max_tokens: 100,
      messages: [{ role: "user", content: "Hi" }],
      ...change,
    }),
  });
  await response.text();
  return response.status;
}

describe("the page of a simulator", () => {
  test.each([Number.NaN, 9e15, Number.POSITIVE_INFINITY, -9e15])(
    "says that a time is not known where the clock gives %d",
    async (time) => {
      const simulator = await start({ now: () => time });
      await ask(simulator);
      const response = await fetch(simulator.url);
      expect(response.status).toBe(200);
      expect(await response.text()).toContain("<td>unknown</td>");
    },
  );

  test("has a time also beyond the year 9999", async () => {
    const simulator = await start({ now: () => Date.parse("+012026-11-22T12:34:56Z") });
    await ask(simulator);
    expect(await (await fetch(simulator.url)).text()).toContain("<td>12:34:56</td>");
  });

  test("outlives a clock that throws: whoever asks is told", async () => {
    const simulator = await start({
      now: () => {
        throw new Error("the clock stopped");
      },
    });
    expect(await ask(simulator)).toBe(500);
    expect(simulator.requests[0]?.error?.message).toContain("the clock stopped");
    expect((await fetch(simulator.url)).status).toBe(200);
  });

  test("answers with words where it can't be made", async () => {
    const simulator = await start();
    (simulator.requests as unknown[]).push({
      get method() {
        throw new Error("no page");
      },
    });
    const response = await fetch(simulator.url);
    expect(response.status).toBe(500);
    expect(await response.text()).toContain("no page");
  });

  test("cuts what is too long to read, before it is escaped", async () => {
    const simulator = await start();
    await ask(simulator, { model: "<".repeat(2_000_000) });
    const html = await (await fetch(simulator.url)).text();
    expect(html.length).toBeLessThan(20_000);
    expect(html).toContain("… (2,000,000 characters)");
  });

  test("answers HEAD like GET, without the page", async () => {
    const simulator = await start();
    const [get, head] = [await fetch(simulator.url), await fetch(simulator.url, { method: "HEAD" })];
    expect(head.status).toBe(200);
    for (const name of ["content-type", "content-length", "content-security-policy", "cache-control"])
      expect(head.headers.get(name)).toBe(get.headers.get(name));
    expect(await head.text()).toBe("");
    expect((await get.text()).length).toBe(Number(get.headers.get("content-length")));
    expect(simulator.requests).toEqual([]);
  });

  test("counts one request as one", async () => {
    const simulator = await start();
    await ask(simulator);
    expect(await (await fetch(simulator.url)).text()).toContain("<p>1 request, 0 answered");
  });
});
