/** One thing that happens while an answer is sent. Where the steps end, so does the answer, as HTTP wants it. */
export type Step =
  | { readonly type: "headers" }
  | { readonly type: "send"; readonly bytes: Uint8Array }
  | { readonly type: "wait"; readonly milliseconds: number }
  /** Nothing more, until the client leaves; with `pingEveryMs`, nothing but pings. */
  | { readonly type: "stall"; readonly pingEveryMs?: number | undefined }
  /** The connection is closed without the end that HTTP wants. */
  | { readonly type: "cut" }
  | { readonly type: "reset" };

/** A part of an answer's body: one event of a stream, or all of a body that is none. */
export interface Frame {
  readonly bytes: Uint8Array;
  /** The type of the event. */
  readonly event?: string;
  /** How long to wait before it is sent. */
  readonly waitMs: number;
}

export function* stepsOf(frames: Iterable<Frame>): Generator<Step> {
  for (const { bytes, waitMs } of frames) {
    yield* waited(waitMs);
    yield { type: "send", bytes };
  }
}

export function* waited(milliseconds: number): Generator<Step> {
  if (milliseconds > 0) yield { type: "wait", milliseconds };
}
