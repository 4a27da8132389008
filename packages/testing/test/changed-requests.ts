import type { Surroundings } from "../src/index.js";
import { findModel } from "../src/simulator/catalogue.js";
import { aged, type Fields, manual, plain, programmatic, structured } from "./legal-requests.js";

/** The words of an error are the API's own where its users have quoted them. */
export const legal = { plain, programmatic, manual, structured, aged };
export type Legal = keyof typeof legal;

export const surroundings = (version = "2026-10-21", ...betas: string[]): Surroundings => ({
  version,
  betas,
  findModel: (id) => {
    const model = findModel(id);
    return model?.retired ? undefined : model;
  },
});
export const of = (name: Legal): Surroundings => surroundings(name === "aged" ? "2023-06-01" : "2026-10-21");

/** A copy with something else in one place, e.g. `messages.0.content`; nothing at all where the value is undefined. */
export function changed(request: Fields, path: string, value: unknown): Fields {
  const copy: Fields = structuredClone(request);
  const steps = path.split(".");
  const last = steps.pop() ?? "";
  const place = steps.reduce<Fields>((inner, step) => inner[step] as Fields, copy);
  if (value === undefined) delete place[last];
  else place[last] = typeof value === "function" ? value(place[last]) : value;
  return copy;
}

export const adding =
  (...more: unknown[]) =>
  (list: readonly unknown[] = []): unknown[] => [...list, ...more];
export const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
export const unknownTag = (path: string, tag: string): RegExp =>
  new RegExp(`^${path}: Input tag '${tag}' found using 'type' does not match any of the expected tags: '`);

export const first = "messages.0.content";
export const call = "messages.1.content";
export const answer = "messages.2.content.0";
export const schema = "output_config.format.schema";
export const cached = { cache_control: { type: "ephemeral" } };
export const directive =
  "the directive-only form (content: [] with output_config) is accepted at any position";

export type Row = readonly [base: Legal, path: string, value: unknown, message: string | RegExp];
