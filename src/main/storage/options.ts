/** What a Storage is made with, besides its backend. */
export interface StorageOptions {
  readonly removeCreatedOnClose: boolean;
  /** False for none, or the directory for it. */
  readonly journal: boolean | string;
  readonly warn: (message: string, cause?: unknown) => void;
}
