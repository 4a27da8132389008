import type { ModelRequest } from "@lockstitch/core";
import { record, replay, scripted } from "@lockstitch/testing";
import { describe, expect, it } from "vitest";
import { ask, said, temporaryDirectory } from "./recording-helpers.js";

const folder = temporaryDirectory();
const file = () => folder.path("a.jsonl");

describe("a replay of what was redacted", () => {
  it("takes whatever stands where a secret stood, and is strict around it", async () => {
    const [old, fresh] = ["sk-ant-old-1234", "sk-ant-new-5678-longer"];
    await ask(record(scripted(["1"]), file()), said(`Use ${old}, then ${old}; now.`));
    expect((await ask(replay(file()), said(`Use ${fresh}, then ${fresh}; now.`))).error).toBeUndefined();
    expect((await ask(replay(file()), said(`Use ${fresh}, then ${fresh}; soon.`))).error).toMatchObject({
      reason: "different_request",
    });
    expect((await ask(replay(file()), said(`Take ${fresh}, then ${fresh}; now.`))).error).toMatchObject({
      reason: "different_request",
    });
    expect((await ask(replay(file()), said(`Use ${fresh}; now.`))).error).toMatchObject({
      reason: "different_request",
    });
  });

  it("counts nothing twice: what stands around a secret must be there before and after it", async () => {
    await ask(record(scripted(["1"]), file()), said("to sk-ant-old-1234 to"));
    expect((await ask(replay(file()), said("to sk-ant-new to"))).error).toBeUndefined();
    expect((await ask(replay(file()), said("to "))).error).toMatchObject({ reason: "different_request" });
    expect((await ask(replay(file()), said("to to"))).error).toMatchObject({ reason: "different_request" });
  });

  it("does so for the names of fields too", async () => {
    const request = (key: string): Pick<ModelRequest, "messages"> => ({
      messages: [
        { role: "assistant", content: [{ type: "tool_use", id: "a", name: "look", input: { [key]: 1 } }] },
      ],
    });
    await ask(record(scripted(["1"]), file()), request("sk-ant-old-1234"));
    expect((await ask(replay(file()), request("sk-ant-new-5678"))).error).toBeUndefined();
  });

  it("applies the caller's own function to what comes, e.g. for dates", async () => {
    const redact = (text: string) => text.replaceAll(/\d{4}-\d\d-\d\d/g, "[date]");
    await ask(record(scripted(["1"]), file(), { redact }), said("It is 2026-11-22."));
    expect((await ask(replay(file(), { redact }), said("It is 2026-11-23."))).error).toBeUndefined();
    expect((await ask(replay(file()), said("It is 2026-11-23."))).error).toMatchObject({
      reason: "different_request",
    });
  });
});
