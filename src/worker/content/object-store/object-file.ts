import type { ContentFile } from "../content.ts";
import type { ObjectIdentity } from "./object-identity.ts";
import type { SharedObject } from "./shared-object.ts";

/** Called by an object's file for the source that opened it. */
export interface ObjectFileObserver {
  /** Something was read. */
  onRead(): void;
  onClosed(): void;
}

/** An object, opened for one transfer. It is served only as long as it stays what it was: a changed one fails. */
export class ObjectFile implements ContentFile {
  readonly size: number;
  readonly identity: string | undefined;
  readonly settledFrom: number;
  readonly #object: SharedObject;
  readonly #observer: ObjectFileObserver;

  constructor(object: SharedObject, { identity, settledFrom }: ObjectIdentity, observer: ObjectFileObserver) {
    this.size = object.size;
    this.identity = identity;
    this.settledFrom = settledFrom;
    this.#object = object;
    this.#observer = observer;
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    const count = await this.#object.read(target, position);
    this.#observer.onRead();
    return count;
  }

  async close(): Promise<void> {
    this.#observer.onClosed();
  }
}
