import { scripted, toolUse } from "@lockstitch/testing";
import type { Claude } from "lockstitch";

/** What the model would say: it looks, reads, writes, and tells what its last call came to. */
export const claude: Claude = (request, call) => {
  const last = request.messages.at(-1)?.content;
  const results =
    typeof last === "string" ? [] : (last ?? []).flatMap((it) => (it.type === "tool_result" ? [it] : []));
  const said = JSON.stringify(results[0]?.content ?? "");
  const asked = request.messages.filter(({ role }) => role === "assistant").length;
  const replies = [
    [toolUse("notes__list", {}, "toolu_1")],
    [toolUse("notes__read", { name: "shopping.txt" }, "toolu_2")],
    [toolUse("notes__write", { name: "summary.txt", text: "Milk and bread." }, "toolu_3")],
  ];
  const isStuck = results[0]?.is_error === true;
  return scripted([isStuck ? `I could not: ${said}` : (replies[asked] ?? `Done: ${said}`)])(request, call);
};
