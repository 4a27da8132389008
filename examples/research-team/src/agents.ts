import { type Agent, agentTool, tool } from "lockstitch";
import { z } from "zod";
import { notes, report } from "./archive.js";

const readNotes = tool({
  name: "read_notes",
  description: "Read the town archive's notes on a topic.",
  input: z.object({ topic: z.string().describe("One word, e.g. streets") }),
  effects: "none",
  run: ({ topic }) => notes(topic),
});

const buyReport = tool({
  name: "buy_report",
  description: "Buy a report that the archive offers, and read it.",
  input: z.object({ title: z.string(), usd: z.number() }),
  effects: "once",
  // The researcher's call waits, the lead's call that started the researcher waits with it, and the others work on.
  needsApproval: ({ usd }) => usd > 10,
  run: ({ title }) => report(title),
});

const researcher: Agent = {
  name: "researcher",
  system:
    "You research one topic in the archive of Bergholm, and answer in one sentence. Buy a report only where there is nothing else.",
  tools: [readNotes, buyReport],
  limits: { maxSteps: 6 },
};

const research = agentTool(researcher, {
  name: "research",
  description: "Have a researcher look up one topic. Ask for several topics at once.",
  input: z.object({ topic: z.string().describe("One word, e.g. streets") }),
  prompt: ({ topic }) => `What is known of: ${topic}`,
});

export const lead: Agent = {
  name: "lead",
  system:
    "You lead a team of researchers. Split the question into topics, have them researched, and answer in one paragraph.",
  tools: [research],
  // For all of them together.
  limits: { usd: 0.5 },
};
