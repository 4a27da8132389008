import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { messageOf } from "@lockstitch/core";
import { askedIn, header, wholeLines } from "./cassette.js";
import { CassetteError } from "./errors.js";

export interface CassetteWriter {
  /** How many calls were asked for before. */
  readonly asked: number;
  /** Adds a line: on disk when it returns, so that a crash leaves all that was recorded before it. */
  write(line: string): void;
}

/** Begins a cassette, or goes on with one. */
export function openCassette(file: string, ifExists: "append" | "overwrite" | undefined): CassetteWriter {
  const asked = writing(file, () => {
    if (ifExists !== "overwrite" && existsSync(file)) return goOnWith(file, ifExists);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(header)}\n`, { flush: true });
    return 0;
  });
  return {
    asked,
    // At once, not soon: lines of calls that end together must not mix, and none may be lost to what comes right after it.
    write: (line) => writing(file, () => appendFileSync(file, `${line}\n`, { flush: true })),
  };
}

/** A line that a crash cut off is taken away: what follows it would be unreadable. */
function goOnWith(file: string, ifExists: "append" | undefined): number {
  const bytes = readFileSync(file);
  const text = bytes.toString("utf8");
  const lines = wholeLines(text, file);
  const last = lines.at(-1) ?? "";
  if (ifExists === undefined) {
    throw new CassetteError(
      `${file} holds a recording already. Delete it or give ifExists: "overwrite" to record anew, or ifExists: "append" to go on with it.`,
    );
  }
  const onlyLacksItsLineBreak = last !== "" && text.endsWith(last);
  if (onlyLacksItsLineBreak) appendFileSync(file, "\n", { flush: true });
  else truncateSync(file, bytes.lastIndexOf("\n") + 1);
  return askedIn(lines);
}

function writing<Value>(file: string, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    if (error instanceof CassetteError) throw error;
    throw new CassetteError(`The recording ${file} can't be written: ${messageOf(error)}.`, { cause: error });
  }
}
