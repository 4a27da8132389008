import { withTool } from "./broken.mjs";

export { store } from "./broken.mjs";

let lives = 0;

export const create = withTool("look", async () => `seen by process ${process.pid}, look ${++lives}`);
