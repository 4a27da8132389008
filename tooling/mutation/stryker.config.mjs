// In place, because the packages find each other through links that a copy would not follow; so run it on a clean tree.
export default {
  testRunner: "vitest",
  plugins: ["@stryker-mutator/vitest-runner"],
  vitest: { configFile: "tooling/mutation/vitest.config.ts", related: false },
  coverageAnalysis: "perTest",
  inPlace: true,
  concurrency: 1,
  // Stryker knows no TypeScript 7; it needs no types here.
  tsconfigFile: "tooling/mutation/no-tsconfig.json",
  mutate: [
    "packages/core/src/pure/**/*.ts",
    "packages/core/src/step/**/*.ts",
    "packages/core/src/stopping.ts",
    "packages/core/src/on-abort.ts",
    "packages/core/src/claude/retry.ts",
    "packages/core/src/claude/retry-budget.ts",
  ],
  reporters: ["clear-text", "progress-append-only", "json"],
  jsonReporter: { fileName: "node_modules/.cache/mutation.json" },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  tempDirName: "node_modules/.cache/stryker",
  timeoutMS: 20_000,
  // Words are checked by reading, not by mutants.
  mutator: { excludedMutations: ["StringLiteral"] },
};
