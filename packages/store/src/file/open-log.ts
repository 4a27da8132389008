import { type AgentEvent, LeaseLostError, type Log } from "@lockstitch/core";
import type { OpenSession } from "./open-session.js";
import type { Writer } from "./writer.js";

/** A session in the hands of its owner. */
export function openLog(writer: Writer, session: OpenSession, fence: number, onClose: () => void): Log {
  return {
    fence,
    lost: session.lost,
    async append(bodies, { ifSeq, barrier = false } = {}): Promise<readonly AgentEvent[]> {
      if (session.isClosed) throw new LeaseLostError(session.id);
      const upTo = await writer.commit({ session: session.id, bodies, ifSeq, barrier, owner: session });
      return session.tell(upTo);
    },
    posted: (signal) => session.posted(signal),
    async close() {
      if (session.isClosed) return;
      writer.close(session);
      onClose();
    },
  };
}
