export { fileStore } from "./file/file-store.js";
export type { FileStoreOptions } from "./file/options.js";
export type { Repair } from "./file/settings.js";
