import { answer } from "../../tools/src/index.js";

export const planted: number = answer;
