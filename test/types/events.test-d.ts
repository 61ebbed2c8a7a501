import { describe, expectTypeOf, test } from "vitest";
import type { RefusalReason, TftpEvent, TransferOutcome } from "../../src/index.ts";
import { Tftp } from "../../src/index.ts";

declare const tftp: Tftp;

describe("on() narrows", () => {
  test("on() narrows the event by its type", () => {
    tftp.on("transfer-ended", (event) => {
      expectTypeOf(event.type).toEqualTypeOf<"transfer-ended">();
      expectTypeOf(event.outcome).toEqualTypeOf<TransferOutcome>();
      expectTypeOf(event.bytes).toEqualTypeOf<number>();
    });
    tftp.on("refused", (event) => expectTypeOf(event.reason).toEqualTypeOf<RefusalReason>());
  });

  test('a listener for "*" gets every event, discriminated by type', () => {
    tftp.on("*", (event) => {
      expectTypeOf(event).toEqualTypeOf<TftpEvent>();
      if (event.type === "listening") expectTypeOf(event.port).toEqualTypeOf<number>();
    });
  });
});

test("on() takes no type that there is not, and returns how to unsubscribe", () => {
  // @ts-expect-error -- misspelt
  tftp.on("transfer-end", () => {});
  // @ts-expect-error -- an event of another type has no outcome
  tftp.on("listening", (event) => event.outcome);
  expectTypeOf(tftp.on("stopped", () => {})).toEqualTypeOf<() => void>();
});

/** Compiles only if every type has a line: `never` is what is left then. */
function summary(event: TftpEvent): number {
  switch (event.type) {
    case "listening":
    case "restarted":
      return event.port;
    case "request":
    case "progress":
    case "transfer-ended":
      return event.id;
    case "refused":
      return event.errorCode;
    case "dropped":
    case "lost":
      return event.count;
    case "listening-address":
      return event.port;
    case "state":
    case "worker-crashed":
    case "stopped":
    case "warning":
      return event.at;
    default:
      return event satisfies never;
  }
}

test("a switch over the type of an event can be exhaustive", () => {
  expectTypeOf(summary).returns.toBeNumber();
});
