import { debuglog } from "node:util";

/**
 * Writes a line to stderr if NODE_DEBUG names "tftp": states, calls between the threads, events, requests. Formats like
 * `util.format`, and only if it writes. Never called for each packet of a transfer.
 */
export const debug: (format: string, ...values: readonly unknown[]) => void = debuglog("tftp");
