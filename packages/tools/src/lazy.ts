/**
 * A promise whose work begins when somebody first waits for it, and is done once. One that nobody waits for costs nothing, and its failure
 * takes nothing down.
 */
export class Lazy<Value> extends Promise<Value> {
  readonly #work: () => Promise<Value>;
  #begun: Promise<Value> | undefined;

  constructor(work: () => Promise<Value>) {
    super(() => {});
    this.#work = work;
  }

  // What comes of it is a promise like any other: its work has begun.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  // `await`, `catch`, `finally` and `Promise.all` all come by here.
  // biome-ignore lint/suspicious/noThenProperty: that is what a promise is.
  override then<Fulfilled = Value, Rejected = never>(
    onFulfilled?: ((value: Value) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    this.#begun ??= this.#work();
    return this.#begun.then(onFulfilled, onRejected);
  }
}
