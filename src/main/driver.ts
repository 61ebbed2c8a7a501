/** The names of a driver's methods. */
export type MethodName<Type> = {
  [Name in keyof Type]: Type[Name] extends (...args: never[]) => unknown ? Name : never;
}[Exclude<keyof Type, "exportedMethods" | "clientClass" | symbol>];

/**
 * Something that an agent drives: it has a name, children, methods that may be called from afar, and an end.
 * The counterpart of Jumpstarter's class of that name.
 */
export abstract class Driver implements AsyncDisposable {
  /** What an agent lists it as, such as "tftp". */
  abstract readonly name: string;

  /** The methods that a remote caller may call; a bridge exports these and nothing else. */
  abstract readonly exportedMethods: readonly string[];

  /**
   * The Python class by which Jumpstarter's clients drive it, such as "jumpstarter_driver_power.client.PowerClient";
   * undefined if there is none, so that no exporter can offer it to them.
   */
  readonly clientClass: string | undefined = undefined;

  readonly #children = new Map<string, Driver>();
  #closing: Promise<void> | undefined;

  /** By name, in the order in which they were added. */
  get children(): ReadonlyMap<string, Driver> {
    return this.#children;
  }

  /**
   * Ends its service, closes its children, the last one first, then gives back what it holds itself.
   * Every call after the first joins it. What fails does not keep the rest from being closed.
   * @throws {Error} What the first failing step threw; an AggregateError if several failed.
   */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  protected addChild<Child extends Driver>(child: Child): Child {
    if (this.#children.has(child.name)) throw new Error(`${this.name} already has a child named ${child.name}`);
    this.#children.set(child.name, child);
    return child;
  }

  /** First step of close(): no client is served any more, so that the children may remove what was served. */
  protected async endService(): Promise<void> {}

  /** Last step of close(). */
  protected async release(): Promise<void> {}

  async #closeAll(): Promise<void> {
    const errors: unknown[] = [];
    const steps = [
      () => this.endService(),
      ...[...this.#children.values()].toReversed().map((child) => () => child.close()),
      () => this.release(),
    ];
    for (const step of steps) await step().catch((error: unknown) => errors.push(error));
    if (errors.length > 1) throw new AggregateError(errors, `closing ${this.name} failed in ${errors.length} steps`);
    if (errors.length === 1) throw errors[0];
  }
}
