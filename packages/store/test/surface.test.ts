import * as store from "@lockstitch/store";
import { expect, it } from "vitest";

it("the package has these names and no others", () => {
  expect(Object.keys(store)).toEqual(["fileStore"]);
});
