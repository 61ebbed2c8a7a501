/** The command line or the configuration file is wrong. The message is one line that says what was expected. */
export class UsageError extends Error {}
