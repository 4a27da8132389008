import { scripted, toolUse } from "@lockstitch/testing";
import { type Agent, type Claude, tool } from "lockstitch";
import { z } from "zod";

const pay = tool({
  name: "pay_invoice",
  description: "Pays an invoice.",
  input: z.object({ invoice: z.string(), usd: z.number() }),
  effects: "once",
  // A person is asked only where it matters.
  needsApproval: ({ usd }) => usd > 100,
  run: ({ invoice, usd }) => `paid ${invoice}: $${usd}`,
});

export const agent: Agent = { name: "accounts", tools: [pay] };

const calls = [
  toolUse("pay_invoice", { invoice: "A-1", usd: 40 }, "toolu_A1"),
  toolUse("pay_invoice", { invoice: "B-2", usd: 950 }, "toolu_B2"),
];

/** What the model would say: it pays two invoices, then reports what came of them. */
export const claude: Claude = (request, call) => {
  const last = request.messages.at(-1);
  const results =
    typeof last?.content === "string"
      ? []
      : (last?.content ?? []).flatMap((block) =>
          block.type === "tool_result" ? [String(block.content)] : [],
        );
  return scripted([results.length === 0 ? calls : `Done: ${results.join(" | ")}`])(request, call);
};
