interface Hub {
  readonly reactions: Set<() => void>;
  readonly listener: () => void;
}

const hubs = new WeakMap<AbortSignal, Hub>();

/**
 * Calls `react` when `signal` aborts, at once if it has. Returns how to let go of it.
 * However many wait on a signal, it holds one listener, and none when they have all let go: a signal may be shared by a thousand
 * runs, and the platform warns of more than ten listeners.
 */
export function onAbort(signal: AbortSignal, react: () => void): () => void {
  if (signal.aborted) {
    react();
    return () => {};
  }
  const hub = hubs.get(signal) ?? createHub(signal);
  // A reaction of its own for each call: the same function may wait twice.
  const reaction = () => react();
  // The same listener added twice is still one.
  signal.addEventListener("abort", hub.listener, { once: true });
  hub.reactions.add(reaction);
  return () => {
    if (!hub.reactions.delete(reaction) || hub.reactions.size > 0) return;
    signal.removeEventListener("abort", hub.listener);
  };
}

function createHub(signal: AbortSignal): Hub {
  const reactions = new Set<() => void>();
  const listener = (): void => {
    const waiting = [...reactions];
    reactions.clear();
    for (const react of waiting) react();
  };
  const hub = { reactions, listener };
  hubs.set(signal, hub);
  return hub;
}
