export { store } from "./broken.mjs";
