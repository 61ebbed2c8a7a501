/** The command line is wrong; the message is one line that says how. */
export class UsageError extends Error {}
