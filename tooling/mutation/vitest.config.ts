import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** The part of core's tests that is fast enough to run for every mutant. */
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  ssr: { resolve: { conditions: ["source", "node", "import", "module", "default"] } },
  test: {
    include: ["packages/core/test/*.test.ts", "tooling/mutation/chaos.test.ts"],
    exclude: ["**/recordings*.test.ts", "**/claude.test.ts", "**/nth-fault*.test.ts", "**/node_modules/**"],
    bail: 1,
    isolate: false,
    reporters: ["default"],
    testTimeout: 5_000,
  },
});
