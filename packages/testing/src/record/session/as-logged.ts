import type { EventBody } from "@lockstitch/core";

/**
 * What an agent does again, with what the log tells of its price: what was reserved, used and charged is what it was, whatever the books
 * say today, or else a run would end by its limits elsewhere than it did.
 */
export function asLogged(logged: EventBody, body: EventBody): EventBody {
  if (body.type === "model.start" && logged.type === "model.start") {
    const { reserved: _, ...rest } = body;
    return { ...rest, ...(logged.reserved === undefined ? {} : { reserved: logged.reserved }) };
  }
  if (body.type === "model.end" && logged.type === "model.end") {
    const { usage, cost, charged } = logged;
    const { usage: _usage, cost: _cost, charged: _charged, ...rest } = body;
    return {
      ...rest,
      ...(usage === undefined ? {} : { usage }),
      ...(cost === undefined ? {} : { cost }),
      ...(charged === undefined ? {} : { charged }),
    };
  }
  return body;
}
