/** Far more than any honest schema takes, and a fraction of a second. */
const most = 100_000;

const spent = new WeakMap<object, number>();

/**
 * Takes one step of the work that a schema may make, and says whether it was still to be had. A schema of a few lines can
 * ask for more than there is time for, e.g. lists of lists of lists: it is given up then, and its tool is not called.
 */
export function spend(root: object, steps = 1): boolean {
  const total = (spent.get(root) ?? 0) + steps;
  spent.set(root, total);
  return total <= most;
}

/** Gives a schema up. */
export function exhaust(root: object): void {
  spend(root, most + 1);
}
