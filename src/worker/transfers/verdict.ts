import { type ErrorInfo, toErrorInfo } from "../../contract/errors.ts";

/** Of a message, in characters: it may quote a client's name, or what a handler threw. */
const MAX_MESSAGE = 1_000;

/**
 * Why a request was refused or a transfer failed, as plain data: code and message, without a stack. A client can bring
 * about thousands of them a second, and a stack of our own code explains none.
 */
export function toVerdict(thrown: unknown): ErrorInfo {
  return withoutStack(toErrorInfo(thrown));
}

function withoutStack({ name, message, code, tftp, cause }: ErrorInfo): ErrorInfo {
  return {
    name,
    message: clip(message, MAX_MESSAGE),
    tftp,
    ...(code !== undefined && { code }),
    ...(cause && { cause: withoutStack(cause) }),
  };
}

/** At most `length` characters, and a mark if there were more. */
export function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
