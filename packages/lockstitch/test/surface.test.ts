import * as core from "@lockstitch/core";
import * as testing from "@lockstitch/testing";
import * as tools from "@lockstitch/tools";
import * as toolsHandy from "@lockstitch/tools/handy";
import * as tracing from "@lockstitch/tracing";
import * as lockstitch from "lockstitch";
import * as handy from "lockstitch/handy";
import { describe, expect, it } from "vitest";

const sdkErrors = [
  ...[
    "APIConnectionError",
    "APIConnectionTimeoutError",
    "APIError",
    "AuthenticationError",
    "BadRequestError",
  ],
  ...["InternalServerError", "NotFoundError", "OverloadedError", "PermissionDeniedError", "RateLimitError"],
];
const ownErrors = [
  ...[
    "AgentError",
    "AlreadyPostedError",
    "ApprovalError",
    "NoSessionError",
    "SessionEndedError",
    "SessionRunningError",
    "BrokenStreamError",
    "CorruptLogError",
    "HistoryError",
    "KeyError",
    "LeaseLostError",
    "LockstitchError",
  ],
  ...[
    "MissingKeyError",
    "PrefixChangedError",
    "QueueFullError",
    "StoreBusyError",
    "StoreError",
    "SubagentSessionError",
    "ToolDefinitionError",
    "ToolError",
  ],
];
const sessions = ["abort", "approve", "fork", "resume", "steer"];
const wrappers = ["cached", "endEarly", "escalate"];
const permission = ["permitRules", "ruleOfTwo", "strictest"];
const rates = ["createGovernor", "governed", "rateTiers"];
const sums = ["addCost", "addUsage", "totalTokens"];
const models = [
  "costOf",
  "defaultMaxTokens",
  "defaultModel",
  "extendPrices",
  "findModel",
  "findPrice",
  "introductionPrices",
  "models",
  "officialPrices",
];

describe("the public surface grows on purpose only", () => {
  it.each<[string, object, readonly string[]]>([
    [
      "lockstitch",
      lockstitch,
      [
        ...sdkErrors,
        ...ownErrors,
        ...models,
        ...sessions,
        ...sums,
        ...wrappers,
        ...permission,
        ...rates,
        ...[
          "InvalidInputError",
          "MediaError",
          "agentTool",
          "claude",
          "consoleSink",
          "createCostReport",
          "createTracer",
          "deferTools",
          "document",
          "fileStore",
          "image",
          "keyFile",
          "memoryStore",
          "outputSchema",
          "partialOf",
          "readResult",
          "run",
          "tool",
        ],
      ],
    ],
    [
      "@lockstitch/core",
      core,
      [
        ...sdkErrors,
        ...ownErrors,
        ...models,
        ...sessions,
        ...sums,
        ...wrappers,
        ...permission,
        ...rates,
        ...[
          "apply",
          "checkAgent",
          "checkToolName",
          "claude",
          "emptyState",
          "inputSchemaProblem",
          "isSummary",
          "maxMediaBytes",
          "mediaHead",
          "mediaOf",
          "memoryStore",
          "messageOf",
          "partialOf",
          "readResult",
          "referenceSteps",
          "run",
          "saysTypesTwice",
          "schemaKeywords",
          "strictSchemaProblem",
        ],
      ],
    ],
    [
      "@lockstitch/tools",
      tools,
      [
        "InvalidInputError",
        "MediaError",
        "agentTool",
        "deferTools",
        "document",
        "image",
        "outputSchema",
        "tool",
      ],
    ],
    ["@lockstitch/tools/handy", toolsHandy, ["commandTool", "fetchTool", "fileTools"]],
    ["lockstitch/handy", handy, ["commandTool", "fetchTool", "fileTools"]],
    ["@lockstitch/tracing", tracing, ["consoleSink", "createCostReport", "createTracer"]],
    [
      "@lockstitch/testing",
      testing,
      [
        "CassetteError",
        "ReplayError",
        "ScriptError",
        "byModel",
        "chaos",
        "crashTest",
        "createSimulator",
        "demoMind",
        "exchangesOf",
        "firstOf",
        "parseFaults",
        "readCassette",
        "record",
        "recordingMind",
        "refuseMessageRequest",
        "replay",
        "replaySession",
        "scriptMind",
        "scripted",
        "storeContract",
        "streamEvents",
        "toolUse",
      ],
    ],
  ])("%s", (_name, module, names) => {
    expect(Object.keys(module).sort()).toEqual([...names].sort());
  });
});
