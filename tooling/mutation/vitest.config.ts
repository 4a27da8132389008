import { defineConfig } from "vitest/config";

/** The part of core's tests that is fast enough to run for every mutant. */
export default defineConfig({
  root: new URL("../..", import.meta.url).pathname,
  ssr: { resolve: { conditions: ["source", "node", "import", "module", "default"] } },
  test: {
    include: ["packages/core/test/*.test.ts", "packages/testing/test/chaos.test.ts"],
    exclude: ["**/recordings*.test.ts", "**/nth-fault*.test.ts", "**/node_modules/**"],
    bail: 1,
    isolate: false,
    reporters: ["dot"],
    testTimeout: 5_000,
  },
});
