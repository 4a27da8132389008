import { chaos } from "@lockstitch/testing";
import { expect, it } from "vitest";

it("chaos finds nothing in a few games", async () => {
  const { findings } = await chaos({ seeds: 150 });
  expect(findings).toEqual([]);
});
