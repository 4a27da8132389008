import { fileStore } from "@lockstitch/store";
import { storeContract } from "@lockstitch/testing";
import { describe, it } from "vitest";
import { temporaryDirectory } from "./temporary.js";

describe("a file store", () => {
  for (const { name, check } of storeContract(() => fileStore(temporaryDirectory()))) it(name, check);
});

describe("a file store whose segments hold a few lines each", () => {
  const options = { segmentBytes: 300 };
  for (const { name, check } of storeContract(() => fileStore(temporaryDirectory(), options)))
    it(name, check);
});
