import { describe, expect, it } from "vitest";
import { beginGame, type Death, die, type Game, live, settle } from "./simulation/game.js";
import type { Faults, SimulatedProcess } from "./simulation/process.js";

const timeout = 600_000;
const pace = { rounds: 4, lives: 1 };

/** A store that has been worked with, and let go of in good order or not. */
async function begin(seed: number): Promise<Game> {
  const game = beginGame(seed);
  const before = await live(game, "before", {}, pace);
  if (seed % 2 === 0) await settle(game.world, before.machine.sleep(3_000));
  before.kill();
  return game;
}

/** The same short game each time: the same process does the same things, up to where a fault strikes. */
async function play(seed: number, faults: Faults, death: Death): Promise<Game> {
  const game = await begin(seed);
  await live(game, "life", faults, pace);
  await die(game, death);
  await live(game, "after", {}, pace);
  await die(game, "kill");
  return game;
}

async function countsOf(seed: number): Promise<SimulatedProcess["counts"]> {
  return (await live(await begin(seed), "life", {}, pace)).counts;
}

const kinds = { killAt: "operations", failWriteAt: "writes", failSyncAt: "syncs" } as const;

describe("every single fault", () => {
  for (const [fault, counted] of Object.entries(kinds)) {
    it(`loses nothing and wrongs nothing, whichever of all ${counted} it strikes (${fault})`, {
      timeout,
    }, async () => {
      for (const seed of [1, 2]) {
        const total = (await countsOf(seed))[counted];
        expect(total).toBeGreaterThan(5);
        for (let nth = 1; nth <= total; nth++) {
          const death = (seed + nth) % 2 === 0 ? "kill" : "power cut";
          const game = await play(seed, { [fault]: nth }, death).catch((error: unknown) => {
            throw new Error(`seed ${seed}, ${fault} ${nth}, ${death}`, { cause: error });
          });
          expect(game.keeper.acked).toBeGreaterThan(0);
        }
      }
    });
  }
});
