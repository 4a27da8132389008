import { defineConfig } from "vitest/config";

export default defineConfig({
  // Tests run the sources themselves, so a failure points at the line that was written.
  ssr: { resolve: { conditions: ["source", "node", "import", "module", "default"] } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "examples/*/test/**/*.test.ts", "docs/test/**/*.test.ts"],
    reporters: ["default"],
    // Roomy: a test that waits for what never comes fails all the same, and a loaded machine is no reason to.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A dependency of the MCP client names its own sources by the condition that we name ours by: Vite can read them, Node can't.
    server: { deps: { inline: [/@modelcontextprotocol\/client/, /\/eventsource\//] } },
  },
});
