import { expect, test } from "vitest";
import { toError, ServerNotRunning, TftpError, toErrorInfo } from "../../src/contract/errors.ts";

/** There and back, through the structured clone that the thread boundary is made of. */
const across = (thrown: unknown): Error => toError(structuredClone(toErrorInfo(thrown)));

test("a TftpError keeps class, code, message and stack", () => {
  const error = new TftpError("ADDRESS_IN_USE", "port 69 is taken");
  const revived = across(error);
  expect(revived).toBeInstanceOf(TftpError);
  expect(revived).toMatchObject({ name: "TftpError", code: "ADDRESS_IN_USE", message: "port 69 is taken" });
  expect(revived.stack).toBe(error.stack);
});

test("ServerNotRunning is one again, and a TftpError", () => {
  const revived = across(new ServerNotRunning());
  expect(revived).toBeInstanceOf(ServerNotRunning);
  expect(revived).toMatchObject({ name: "ServerNotRunning", code: "NOT_RUNNING" });
});

test("a system error keeps its code, and does not become a TftpError", () => {
  const revived = across(Object.assign(new Error("bind EADDRINUSE"), { code: "EADDRINUSE", errno: -98 }));
  expect(revived).not.toBeInstanceOf(TftpError);
  expect(revived).toMatchObject({ name: "Error", message: "bind EADDRINUSE", code: "EADDRINUSE" });
});

test("an error of another class keeps its name", () => {
  expect(across(new RangeError("too far"))).toMatchObject({ name: "RangeError", message: "too far" });
});

test("causes cross too, link by link", () => {
  const root = Object.assign(new Error("open"), { code: "EACCES" });
  const revived = across(
    new TftpError("ROOT_NOT_READABLE", "no root", { cause: new Error("middle", { cause: root }) }),
  );
  expect(revived).toMatchObject({ cause: { message: "middle", cause: { message: "open", code: "EACCES" } } });
});

test("a cause that points back at its effect ends after eight links", () => {
  const error = new Error("ouroboros");
  error.cause = error;
  let depth = 0;
  for (let link: unknown = across(error).cause; link instanceof Error; link = link.cause) depth++;
  expect(depth).toBe(8);
});

test("what a message quotes crosses as printable text, in the stack as well", () => {
  const error = new Error("no \u202egnp.exe\n    at nowhere\u001b[2J");
  const revived = across(error);
  expect(revived.message).toBe(String.raw`no \u{202e}gnp.exe\x0a    at nowhere\x1b[2J`);
  expect(revived.stack).toContain(`Error: ${revived.message}\n`);
  expect(revived.stack?.split("\n")).toHaveLength((error.stack?.split("\n").length ?? 0) - 1);
  expect(revived.stack).not.toMatch(/[^\P{C}\n]/u);
});

test.each([["text"], [7], [undefined], [null]])("a thrown value that is no Error becomes one: %o", (thrown) => {
  expect(across(thrown)).toMatchObject({ name: "Error", message: String(thrown) });
});
