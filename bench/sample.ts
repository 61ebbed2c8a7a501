/** What one run gave. */
export interface Sample {
  readonly bytes: number;
  readonly transfers: number;
  readonly seconds: number;
  /** Processor time that the server used, its children's too, in seconds. */
  readonly serverSeconds: number;
  /** The same of the client. */
  readonly clientSeconds: number;
  /** What the server's memory grew by at most since it was idle, in bytes. */
  readonly memory: number;
  /** The part of the processor time that others used, 0 to 1. */
  readonly disturbance: number;
  /** How often a client had to ask again. */
  readonly timeouts: number;
  /** What was negotiated. */
  readonly windowSize: number;
}
