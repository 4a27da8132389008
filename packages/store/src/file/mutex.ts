/** Runs tasks one after the other, in the order they were asked for. */
export type Exclusive = <Value>(task: () => Promise<Value>) => Promise<Value>;

export function createMutex(): Exclusive {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const run = last.then(task);
    last = run.catch(() => {});
    return run;
  };
}
