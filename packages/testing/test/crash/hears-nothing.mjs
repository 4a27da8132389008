import { withInput } from "./broken.mjs";

export { create } from "../../../../scripts/crash-agent.mjs";

/** Acknowledges what is said, and forgets it. */
export const store = withInput(async () => {});
