import { randomUUID } from "node:crypto";
import { withTool } from "./broken.mjs";

export { store } from "./broken.mjs";

export const create = withTool("put", async ({ input, call, sound }) =>
  sound(input, { ...call, idempotencyKey: randomUUID() }),
);
