import { readFile } from "node:fs/promises";
import { messageOf } from "@lockstitch/core";
import type { Mind } from "@lockstitch/testing";
import { importModule } from "./import-module.js";

/**
 * What the simulator shall say: a JavaScript module that exports a mind or a list of replies by default, a JSON file
 * with such a list, or a recording of `record()`, whose name ends in `.jsonl`.
 *
 * @throws Error that names the file, and the first reply that is none.
 */
export async function loadScript(path: string): Promise<Mind> {
  if (path === "") throw new RangeError("--script is empty; it takes the path of a file.");
  const { scriptMind } = await import("@lockstitch/testing");
  const name = path.toLowerCase();
  if (name.endsWith(".jsonl")) return loadRecording(path);
  const script = name.endsWith(".json") ? await readJson(path) : (await importModule(path)).default;
  if (typeof script === "function") return script as Mind;
  if (!Array.isArray(script)) {
    throw new Error(
      `${path} holds no script. A module exports a function of the request, or a list of replies, by default; a JSON file is such a list, e.g. ["Hello."].`,
    );
  }
  if (script.length === 0) throw new Error(`${path} is an empty list: there is nothing to reply.`);
  const wrong = script.findIndex((reply) => !isReply(reply) && typeof reply !== "function");
  if (wrong !== -1) {
    throw new Error(
      `${path}: reply ${wrong + 1} of ${script.length} is none. A reply is text, or an object with content, message or status and error.`,
    );
  }
  return scriptMind(script);
}

async function loadRecording(path: string): Promise<Mind> {
  const { exchangesOf, readCassette, recordingMind } = await import("@lockstitch/testing");
  const exchanges = exchangesOf(readCassette(path));
  if (exchanges.length === 0)
    throw new Error(
      `${path} is a recording without a reply or an error of the API: there is nothing to reply.`,
    );
  return recordingMind(exchanges);
}

async function readJson(path: string): Promise<unknown> {
  try {
    // An editor may have put a byte order mark before it, which JSON does not know.
    return JSON.parse((await readFile(path, "utf8")).replace(/^\ufeff/, ""));
  } catch (error) {
    throw new Error(`${path} can't be read: ${messageOf(error)}`, { cause: error });
  }
}

function isReply(value: unknown): boolean {
  if (typeof value === "string") return true;
  if (typeof value !== "object" || value === null) return false;
  if ("content" in value) return typeof value.content === "string" || Array.isArray(value.content);
  if ("message" in value) return typeof value.message === "object" && value.message !== null;
  return "status" in value && "error" in value;
}
