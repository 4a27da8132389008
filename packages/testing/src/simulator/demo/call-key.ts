import { canonical } from "../json-schema/fits.js";

/** A call as text: calls with the same text are the same. */
export function callKey({ name, input }: { readonly name: string; readonly input: unknown }): string {
  return `${name} ${canonical(input)}`;
}
