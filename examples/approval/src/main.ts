// start → waits for a person → (the process may end) → approve or deny, from anywhere → resume.
//   node dist/main.js                    the whole story, in one process after another
//   node dist/main.js start|approve|deny|resume <directory>
import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { approve, fileStore, type Result, resume, run } from "lockstitch";
import { agent, claude } from "./agent.js";

const session = "invoices";
const [act = "story", directory = ""] = process.argv.slice(2);

function tell(result: Result): void {
  if (result.status === "ended") return console.log(result.text);
  for (const { toolUseId, tool, input } of result.approvals)
    console.log(`waits for a person: ${toolUseId} ${tool} ${JSON.stringify(input)}`);
}

async function story(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "lockstitch-"));
  try {
    for (const step of ["start", "approve", "resume"]) {
      console.log(`$ ${step}`);
      const { status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), step, folder], {
        stdio: "inherit",
      });
      if (status !== 0) process.exitCode = 1;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

switch (act) {
  case "story":
    await story();
    break;
  case "start":
    tell(await run(agent, "Pay invoices A-1 and B-2.", { claude, store: fileStore(directory), session }));
    break;
  case "approve":
  case "deny":
    await approve(fileStore(directory), session, "toolu_B2", {
      approved: act === "approve",
      reason: "the boss said no",
    });
    console.log(act === "approve" ? "approved" : "denied");
    break;
  case "resume":
    tell(await resume(agent, session, { claude, store: fileStore(directory) }));
    break;
  default:
    console.error("Usage: node dist/main.js [start|approve|deny|resume <directory>]");
    process.exitCode = 2;
}
