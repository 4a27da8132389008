import { setTimeout as wait } from "node:timers/promises";
import { scripted, toolUse } from "@lockstitch/testing";
import { type Agent, type Claude, ToolError, tool } from "lockstitch";
import { z } from "zod";

const orders = new Map([["A-17", { item: "umbrella", paid: 24 }]]);
const order = z.string().describe("The order's number, e.g. A-17");

const findOrder = tool({
  name: "find_order",
  description: "Look up what was ordered and paid.",
  input: z.object({ order }),
  effects: "none",
  run: async (input) => {
    await wait(20);
    const found = orders.get(input.order);
    if (found === undefined) throw new ToolError(`There is no order ${input.order}.`);
    return found;
  },
});

const refund = tool({
  name: "refund",
  description: "Pay an order back. Can't be undone.",
  input: z.object({ order }),
  effects: "once",
  run: async (input) => {
    await wait(40);
    return `${orders.get(input.order)?.paid} euros paid back.`;
  },
});

/** An agent that looks after orders. */
export const orderDesk: Agent = {
  name: "order-desk",
  system: "You look after the orders of a small shop.",
  tools: [findOrder, refund],
};

/** What a model might answer, so that this example runs without a key and without a network. */
export function offlineClaude(): Claude {
  return scripted([
    [
      { type: "text", text: "I will look both orders up." },
      toolUse("find_order", { order: "A-17" }),
      toolUse("find_order", { order: "B-99" }),
    ],
    [toolUse("refund", { order: "A-17" })],
    "The 24 euros for the umbrella (A-17) are on their way back to you. I can't find an order B-99: is the number right?",
  ]);
}
