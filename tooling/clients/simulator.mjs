// A simulator for each test, closed when the test is over.
import { createSimulator } from "../../packages/testing/dist/index.js";

export const now = () => Date.parse("2026-11-22T10:00:00Z");

/** @param {import("node:test").TestContext} test */
export async function start(test, options = {}) {
  const simulator = await createSimulator({ now, ...options });
  test.after(() => simulator.close());
  return simulator;
}

/** What the requests were answered with; what was wrong stands in place of the status. */
export const statuses = ({ requests }) => requests.map(({ status, error }) => error?.message ?? status);
