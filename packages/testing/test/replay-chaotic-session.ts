import { type Agent, type AgentEvent, memoryStore, run } from "@lockstitch/core";
import { createChaoticModel } from "../src/chaos/model.js";
import { createRandom } from "../src/chaos/random.js";
import { slowStore } from "../src/chaos/slow-store.js";
import { createChaoticTools } from "../src/chaos/tools.js";
import { createWorld } from "../src/chaos/world.js";

/** The log of a session in which anything may happen, as the seed draws it; and the agent, whose checks always answer alike. */
export async function sessionOf(
  seed: number,
): Promise<{ agent: Agent; events: readonly AgentEvent[]; effects: readonly unknown[] }> {
  const random = createRandom(seed);
  const world = createWorld(random);
  const { tools, effects } = createChaoticTools(random, world);
  const model = createChaoticModel(
    random,
    world,
    tools.map(({ name }) => name),
  );
  const plain = memoryStore({ now: world.now });
  const store = slowStore(plain, random, world, model.healed);
  const limits = {
    maxSteps: random.pick([1, 3, 20, 20]),
    maxDurationMs: random.pick([5_000, 60_000, 600_000]),
    maxParallelTools: random.pick([1, 2, 16]),
  };
  const parse = (input: unknown) => {
    if ((input as { bad?: boolean }).bad) throw new Error("bad: expected nothing of the kind");
    return input;
  };
  const agent: Agent = {
    tools: tools.map((tool) => ({ ...tool, parse })),
    eager: random.chance(0.8),
    limits,
  };
  const options = { claude: model.claude, store, session: "s", environment: world.environment };
  for (const input of ["Begin.", "Still there?"]) {
    const running = run(agent, input, options);
    if (random.chance(0.4)) world.at(world.now() + random.below(30_000), () => running.abort());
    for (let note = random.below(3); note > 0; note--)
      world.at(world.now() + random.below(20_000), () => running.steer(`Note ${note}.`).catch(() => {}));
    await world.live(
      Promise.resolve(
        running.then(
          () => {},
          () => {},
        ),
      ),
      900_000,
    );
  }
  const events: AgentEvent[] = [];
  for await (const event of plain.read("s")) events.push(event);
  return { agent, events: JSON.parse(JSON.stringify(events)), effects };
}
