// Who may import whom. `core` stands on nothing of ours; everything else stands on `core`, and nothing goes sideways.

/** Each package, and the packages of ours that it may import. */
const directions = {
  core: [],
  tools: ["core"],
  tracing: ["core"],
  testing: ["core"],
  store: ["core"],
  mcp: ["core"],
  lockstitch: ["core", "store", "testing", "tools", "tracing"],
};

/** The floors of core, lowest first: a file imports from its own floor and those below it. */
const floors = [
  ["models/", "schema/", "(cost|spending|usage)\\.ts"],
  [
    "permission/",
    "(agent|agent-fields|check-money|claude-function|code-callers|compaction-options|deferred-tools|environment|errors|events|feed|fingerprint)\\.ts",
    "(api-tool-names|freeze|held-schemas|input|limits|on-abort|output|output-format|result|run-handle|state|tool|tool-definition|tool-schema|well-formed)\\.ts",
  ],
  ["pure/", "store/", "claude/", "prepare-agent\\.ts"],
  ["step/"],
  [
    "(begin|check-input|escalate|follow|fork|index|launch|loop|open-session|options|read-result|run|session|state-of|stopping|to-messages|warnings)\\.ts",
  ],
];

/** Whether a file of core stands on one of them: one that doesn't could import anything. */
export const hasFloor = (path) => new RegExp(inCore(floors.flat())).test(path);

const inCore = (places) => `^packages/core/src/(${places.join("|")})`;

/** @type {import("dependency-cruiser").IRuleSetType} */
export const rules = {
  forbidden: [
    { name: "no-cycle", severity: "error", from: {}, to: { circular: true } },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "core-runs-anywhere",
      severity: "error",
      from: { path: "^packages/core/src" },
      to: { dependencyTypes: ["core"] },
    },
    ...Object.entries(directions).map(([from, allowed]) => ({
      name: `${from}-imports-only-what-it-may`,
      severity: "error",
      from: { path: `^packages/${from}/src` },
      to: { path: "^packages/", pathNot: `^packages/(${[from, ...allowed].join("|")})/` },
    })),
    ...floors.slice(0, -1).map((places, index) => ({
      name: `core-floor-${index + 1}-looks-down`,
      severity: "error",
      from: { path: inCore(places) },
      to: { path: inCore(floors.slice(index + 1).flat()) },
    })),
    {
      name: "pure-stays-pure",
      severity: "error",
      from: { path: "^packages/core/src/pure/" },
      to: { path: "^packages/core/src/(claude|store|step)/" },
    },
    {
      name: "simulator-shares-no-code-with-core",
      severity: "error",
      from: { path: "^packages/testing/src/simulator/" },
      to: { path: "^packages/core/" },
    },
  ],
};
