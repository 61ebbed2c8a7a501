/**
 * Versions of the objects of the service "memory", which knows neither etags nor times: nobody but this process can
 * change them, and here it is counted how often it did. They look like etags.
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
