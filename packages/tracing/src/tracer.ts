import type { AgentEvent, Delta } from "@lockstitch/core";
import { EventEmitter } from "eventemitter3";

/** Takes everything a run says, committed events and live deltas alike. Tell them apart by `"seq" in event`. */
export type Sink = (event: AgentEvent | Delta) => void;

/**
 * What a listener gets, by the name it listens to: each event and delta under its own `type`,
 * every committed event under `"event"`, every delta under `"delta"`.
 */
export type TracerEvents = {
  readonly [Name in (AgentEvent | Delta)["type"]]: Extract<AgentEvent | Delta, { readonly type: Name }>;
} & { readonly event: AgentEvent; readonly delta: Delta };

/** May return anything; only a promise that rejects is looked at, and reported. */
export type Listener<Name extends keyof TracerEvents> = (event: TracerEvents[Name]) => unknown;

/**
 * Hears what runs do. Hand `tracer.onEvent` to any number of runs at once; every event says its `session`.
 * A listener that throws or rejects is reported and stops nobody: not the agent, not the other listeners.
 */
export interface Tracer {
  /** Goes into a run's options. Never throws, and needs no `this`. */
  readonly onEvent: (event: AgentEvent | Delta) => void;
  /** Listens until the returned function is called. Once that has returned, the listener is not called again. */
  on<Name extends keyof TracerEvents>(name: Name, listener: Listener<Name>): () => void;
  /** Like `on`, for the next one only. */
  once<Name extends keyof TracerEvents>(name: Name, listener: Listener<Name>): () => void;
  /** Ends every subscription of this listener to this name. */
  off<Name extends keyof TracerEvents>(name: Name, listener: Listener<Name>): void;
  /** Sends everything to a sink until the returned function is called. */
  add(sink: Sink): () => void;
}

export interface TracerOptions {
  readonly sinks?: readonly Sink[];
  /**
   * Told of every listener and sink that threw or rejected. It may fail itself without harm.
   * Default: `console.error`, once for each listener.
   */
  readonly onListenerError?: (error: unknown, event: AgentEvent | Delta) => unknown;
}

type Anything = AgentEvent | Delta;
type AnyListener = (event: Anything) => unknown;

interface Subscription {
  readonly name: keyof TracerEvents;
  readonly listener: AnyListener;
  readonly deliver: (event: Anything) => void;
}

/** A tracer with the given sinks. */
export function createTracer(options: TracerOptions = {}): Tracer {
  const emitter = new EventEmitter<Record<keyof TracerEvents, [event: Anything]>>();
  const subscriptions = new Set<Subscription>();
  const report = createReport(options.onListenerError);

  function subscribe(name: keyof TracerEvents, listener: AnyListener, once: boolean): () => void {
    const unsubscribe = () => remove(subscription);
    const subscription: Subscription = {
      name,
      listener,
      deliver: (event) => {
        // The emitter walks a list made before this event; whoever left since then must not be called.
        if (!subscriptions.has(subscription)) return;
        if (once) unsubscribe();
        isolate(listener, event, report);
      },
    };
    subscriptions.add(subscription);
    emitter.on(name, subscription.deliver);
    return unsubscribe;
  }

  function remove(subscription: Subscription): void {
    if (subscriptions.delete(subscription)) emitter.off(subscription.name, subscription.deliver);
  }

  function add(sink: Sink): () => void {
    const leave = [subscribe("event", sink, false), subscribe("delta", sink, false)];
    return () => {
      for (const unsubscribe of leave) unsubscribe();
    };
  }

  for (const sink of options.sinks ?? []) add(sink);

  return {
    onEvent: (event) => {
      if (subscriptions.size === 0) return;
      emitter.emit(event.type, event);
      emitter.emit("seq" in event ? "event" : "delta", event);
    },
    // The name decides what is delivered, so a listener never sees an event outside its own type.
    on: (name, listener) => subscribe(name, listener as AnyListener, false),
    once: (name, listener) => subscribe(name, listener as AnyListener, true),
    off: (name, listener) => {
      for (const subscription of subscriptions) {
        if (subscription.name === name && subscription.listener === listener) remove(subscription);
      }
    },
    add,
  };
}

type Report = (error: unknown, event: Anything, listener: AnyListener) => void;

/** Without this a throwing listener would stop the later ones and the agent, and a rejection would end the process. */
function isolate(listener: AnyListener, event: Anything, report: Report): void {
  const onError = (error: unknown) => report(error, event, listener);
  try {
    settle(listener(event), onError);
  } catch (error) {
    onError(error);
  }
}

function settle(returned: unknown, onError: (error: unknown) => void): void {
  if (typeof returned !== "object" || returned === null || !("then" in returned)) return;
  Promise.resolve(returned).then(undefined, onError);
}

function createReport(onListenerError: TracerOptions["onListenerError"]): Report {
  const onConsole = createConsoleReport();
  if (onListenerError === undefined) return onConsole;
  return (error, event, listener) => {
    const onError = (second: unknown) => {
      onConsole(error, event, listener);
      onConsole(second, event, onListenerError as AnyListener);
    };
    try {
      settle(onListenerError(error, event), onError);
    } catch (second) {
      onError(second);
    }
  };
}

/** Once for each listener: one that fails on every delta would drown everything else. Names the event, shows none of its content. */
function createConsoleReport(): Report {
  const reported = new WeakSet<AnyListener>();
  return (error, event, listener) => {
    if (reported.has(listener)) return;
    reported.add(listener);
    const name = listener.name === "" ? "without a name" : JSON.stringify(listener.name);
    const place = "seq" in event ? `session ${event.session}, seq ${event.seq}` : `session ${event.session}`;
    try {
      console.error(
        `A trace listener ${name} failed on ${event.type} (${place}). The agent goes on; later failures of this listener are not shown.`,
        error,
      );
    } catch {
      // A console that can't be written to must not stop an agent.
    }
  };
}
