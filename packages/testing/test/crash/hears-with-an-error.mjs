import { withInput } from "./broken.mjs";

export { create } from "../../../../scripts/crash-agent.mjs";

export const store = withInput(async () => {
  throw new Error("the line is dead");
});
