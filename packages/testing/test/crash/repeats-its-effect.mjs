import { withTool } from "./broken.mjs";

export { store } from "./broken.mjs";

export const create = withTool("send", async ({ effects, input, call, sound }) => {
  await effects.perform(call);
  return sound(input, call);
});
