import { constants } from "node:os";
import { describe, expect, test } from "vitest";
import { systemError } from "../../../src/worker/transport/linux/system/libc.ts";
import { isNetworkError, isUnreachable } from "../../../src/worker/transport/network-errors.ts";

type Code = keyof typeof constants.errno;

describe("a system error of a UDP socket", () => {
  const networks: readonly Code[] = [
    "EPERM",
    "EACCES",
    "EINVAL",
    "ENETUNREACH",
    "EHOSTUNREACH",
    "ENETDOWN",
    "ENOBUFS",
    "ENOMEM",
    "EADDRNOTAVAIL",
    "EMSGSIZE",
    "ECONNREFUSED",
    "EPROTO",
    "ENOPROTOOPT",
    "EIO",
  ];
  test.each(networks)("%s is a lost datagram", (code) => {
    expect(isNetworkError(systemError(constants.errno[code], "send"))).toBe(true);
  });

  const ours: readonly Code[] = ["EBADF", "ENOTSOCK", "EFAULT", "EDESTADDRREQ", "EMFILE"];
  test.each(ours)("%s is a defect of the server", (code) => {
    expect(isNetworkError(systemError(constants.errno[code], "send"))).toBe(false);
    expect(isUnreachable(systemError(constants.errno[code], "connect"))).toBe(false);
  });

  test.each<Code>(["ENETUNREACH", "EHOSTUNREACH", "EACCES", "EINVAL", "EADDRNOTAVAIL"])(
    "%s of a connect says that no way leads to the client",
    (code) => {
      expect(isUnreachable(systemError(constants.errno[code], "connect"))).toBe(true);
    },
  );

  test.each<Code>(["ENOBUFS", "ENOMEM", "EADDRINUSE"])("%s of a connect is a lack of the server's", (code) => {
    expect(isUnreachable(systemError(constants.errno[code], "connect"))).toBe(false);
  });
});

test("what no system call has returned is a defect of the server", () => {
  const closed = Object.assign(new Error("Not running"), { code: "ERR_SOCKET_DGRAM_NOT_RUNNING" });
  for (const error of [closed, new TypeError("undefined is not a function")]) expect(isNetworkError(error)).toBe(false);
});
