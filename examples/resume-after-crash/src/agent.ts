import { appendFileSync } from "node:fs";
import { scripted, toolUse } from "@lockstitch/testing";
import { type Agent, type Claude, tool } from "lockstitch";
import { z } from "zod";

/** An agent that books three seats, one after the other. Each booking is a line in a ledger: the world that must not see one twice. */
export function bookingAgent(ledger: string): Agent {
  const book = tool({
    name: "book_seat",
    description: "Books one seat. Each call books another.",
    input: z.object({ seat: z.string() }),
    effects: "once",
    run: ({ seat }) => {
      appendFileSync(ledger, `${seat}\n`);
      return `booked ${seat}`;
    },
  });
  return { name: "booking", tools: [book] };
}

const replies = ["12A", "12B", "12C"].map((seat) => [toolUse("book_seat", { seat }, `toolu_${seat}`)]);

/** What the model would say, by how far the conversation has come: a resumed run asks it in the middle. */
export const model: Claude = (request, call) => {
  const answered = request.messages.filter(({ role }) => role === "assistant").length;
  return scripted([replies[answered] ?? "All three seats are booked."])(request, call);
};
