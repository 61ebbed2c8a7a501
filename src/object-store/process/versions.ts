/**
 * Counts the versions of objects of the service "memory", which has neither etags nor times. Only this process can
 * change them. A version looks like an etag.
 */
export class Versions {
  readonly #versions = new Map<string, number>();
  #last = 0;

  of(path: string): string {
    return `"${this.#versions.get(path) ?? 0}"`;
  }

  bump(path: string): void {
    this.#versions.set(path, (this.#last += 1));
  }
}
