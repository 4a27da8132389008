import type { Agent } from "@lockstitch/core";
import { z } from "zod";

const Weather = z.object({
  city: z.string(),
  celsius: z.number().min(-90).max(60),
  day: z.iso.date().transform((day) => new Date(`${day}T00:00:00Z`)),
});
export const oslo: string = '{"city":"Oslo","celsius":-3,"day":"2026-12-24"}';
export const tooHot: string = '{"city":"Oslo","celsius":300,"day":"2026-12-24"}';
export const agent: Agent<z.output<typeof Weather>> = { output: Weather };

export const outputOf = (result: { readonly status: string; readonly output?: unknown }) =>
  result.status === "ended" ? result.output : "not ended";
export const lastOf = (request: { readonly messages: readonly unknown[] } | undefined) =>
  JSON.stringify(request?.messages.at(-1));
