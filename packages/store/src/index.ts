export { type FileStoreOptions, fileStore } from "./file/file-store.js";
export type { Repair } from "./file/settings.js";
