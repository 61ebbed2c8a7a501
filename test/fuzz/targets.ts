/** What is fuzzed: everything that reads bytes that anyone may have written. */
export const targets = ["decoder", "negotiation", "file-name", "config-file"] as const;
export type Target = (typeof targets)[number];

export interface FuzzTarget {
  /** Returns if all facts hold for these bytes. */
  readonly fuzz: (data: Uint8Array) => void;
}
