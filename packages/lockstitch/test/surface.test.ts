import * as core from "@lockstitch/core";
import * as testing from "@lockstitch/testing";
import * as tools from "@lockstitch/tools";
import * as tracing from "@lockstitch/tracing";
import * as lockstitch from "lockstitch";
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
    "LeaseLostError",
    "LockstitchError",
  ],
  ...[
    "MissingKeyError",
    "PrefixChangedError",
    "StoreBusyError",
    "StoreError",
    "ToolDefinitionError",
    "ToolError",
  ],
];
const sessions = ["abort", "approve", "fork", "resume", "steer"];
const sums = ["addCost", "addUsage", "totalTokens"];
const models = [
  "costOf",
  "defaultMaxTokens",
  "defaultModel",
  "findModel",
  "findPrice",
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
        ...[
          "InvalidInputError",
          "claude",
          "consoleSink",
          "createTracer",
          "fileStore",
          "memoryStore",
          "partialOf",
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
        ...["apply", "checkToolName", "claude", "emptyState", "memoryStore", "messageOf", "partialOf", "run"],
      ],
    ],
    ["@lockstitch/tools", tools, ["InvalidInputError", "tool"]],
    ["@lockstitch/tracing", tracing, ["consoleSink", "createTracer"]],
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
