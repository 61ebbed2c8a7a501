import { expect, test } from "vitest";
import { takeListenFd } from "../../../src/cli/systemd/listen-fds.ts";
import { takeNotifyRequest } from "../../../src/cli/systemd/service-manager.ts";

test("the one socket that is meant for this process is taken, and the variables are removed", () => {
  const env = { LISTEN_PID: "42", LISTEN_FDS: "1", LISTEN_FDNAMES: "tftp.socket", PATH: "/bin" };
  expect(takeListenFd(env, 42)).toBe(3);
  expect(env).toEqual({ PATH: "/bin" });
});

test("sockets that are meant for another process are left alone, and its variables are removed", () => {
  const env = { LISTEN_PID: "41", LISTEN_FDS: "1" };
  expect(takeListenFd(env, 42)).toBeUndefined();
  expect(env).toEqual({});
  expect(takeListenFd({}, 42)).toBeUndefined();
});

test("more than one socket is refused, with what to do", () => {
  expect(() => takeListenFd({ LISTEN_PID: "42", LISTEN_FDS: "2" }, 42)).toThrow(
    'LISTEN_FDS: expected one socket, such as by ListenDatagram=69, got "2"',
  );
});

test("the watchdog is fed twice in its time, and its variables are removed", () => {
  const env = { NOTIFY_SOCKET: "/run/systemd/notify", WATCHDOG_USEC: "30000000", WATCHDOG_PID: "42" };
  expect(takeNotifyRequest(env, 42)).toEqual({ socket: "/run/systemd/notify", watchdogMs: 15_000 });
  expect(env).toEqual({});
});

test("a watchdog of another process is not fed, and a socket that is none is not used", () => {
  const env = { NOTIFY_SOCKET: "@notify", WATCHDOG_USEC: "30000000", WATCHDOG_PID: "41" };
  expect(takeNotifyRequest(env, 42)).toEqual({ socket: "@notify" });
  expect(takeNotifyRequest({ NOTIFY_SOCKET: "vsock:2:1234" }, 42)).toBeUndefined();
});
