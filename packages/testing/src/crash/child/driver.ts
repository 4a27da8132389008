import { pathToFileURL } from "node:url";
import { type Agent, messageOf, run, type Tool, type ToolDefinition } from "@lockstitch/core";
import type { CrashModule, CrashSubject, CrashWorld } from "../subject.js";
import { session } from "../words.js";
import { type Channel, effectsOver, openChannel } from "./channel.js";
import { createHolder } from "./holder.js";
import { hookDisk } from "./hook-disk.js";
import { createKillSwitch, type KillSwitch } from "./kill-switch.js";
import { watchedStore } from "./watched-store.js";

/** The process that is killed: starts the session, or goes on with it from wherever another one died. */
async function drive(channel: Channel, killSwitch: KillSwitch): Promise<void> {
  const subject = (await import(pathToFileURL(process.argv[2] ?? "").href)) as CrashModule;
  const begun = channel.next("begin");
  channel.send({ type: "ready" });
  const { directory, seed, killAt, holdAt, leaves } = await begun;
  killSwitch.arm(killAt);
  const { agent, input, claude } = await subjectOf(subject, { seed, effects: effectsOver(channel) });
  const store = watchedStore(subject.store(directory), killSwitch, createHolder(channel, holdAt), (events) =>
    channel.send({ type: "committed", events }),
  );
  for (;;) {
    const result = await run(reporting(agent, channel), input, {
      store,
      session,
      ifExists: "resume",
      onEvent: () => killSwitch.reach("at event"),
      ...(claude === undefined ? {} : { claude }),
    });
    if (result.status === "ended") return channel.end({ type: "ended", result, visits: killSwitch.visits });
    const { approvals } = result;
    if (leaves) return channel.end({ type: "waiting", approvals });
    const answered = channel.next("go_on");
    channel.send({ type: "waiting", approvals });
    await answered;
  }
}

async function subjectOf(subject: CrashModule, world: CrashWorld): Promise<CrashSubject> {
  if (subject.create !== undefined) return subject.create(world);
  const { agent, input, claude } = subject;
  if (agent === undefined || input === undefined)
    throw new TypeError("The module under crashTest() must export `create`, or `agent` and `input`.");
  return { agent, input, ...(claude === undefined ? {} : { claude }) };
}

/** The agent, each of its tools saying that it starts before it does. */
function reporting(agent: Agent, channel: Channel): Agent {
  const reported = (tool: Tool | ToolDefinition): Tool | ToolDefinition => {
    if (!("run" in tool)) return tool;
    const { name, effects = "once", reconcile } = tool;
    return {
      ...tool,
      async run(input, call) {
        const { toolUseId, idempotencyKey } = call;
        const reconciles = reconcile !== undefined;
        await channel.ask({ type: "start", toolUseId, idempotencyKey, name, effects, reconciles });
        return tool.run(input, call);
      },
    };
  };
  return { ...agent, tools: (agent.tools ?? []).map(reported) };
}

const channel = openChannel();
const killSwitch = createKillSwitch();
// The store takes its functions from `node:fs` when it is imported: by then they must be ours.
hookDisk(killSwitch);
drive(channel, killSwitch).catch((error: unknown) =>
  channel.end({
    type: "failed",
    problem: error instanceof Error ? `${error.name}: ${error.message}` : messageOf(error),
  }),
);
