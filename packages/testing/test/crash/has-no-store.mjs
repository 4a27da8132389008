export { create } from "../../../../scripts/crash-agent.mjs";
