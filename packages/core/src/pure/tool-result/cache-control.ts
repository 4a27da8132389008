import type Anthropic from "@anthropic-ai/sdk";
import { type Check, oneOf, oneOfKinds, orNull } from "./shape.js";

/** A cache marker, which any block may carry. */
export const cacheControl: Check = orNull(
  oneOfKinds<Anthropic.CacheControlEphemeral>({
    ephemeral: { required: {}, optional: { ttl: oneOf("5m", "1h") } },
  }),
);
