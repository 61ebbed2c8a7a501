import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openNotifySocket } from "../../../src/cli/systemd/notify-socket.ts";
import { ServiceManager } from "../../../src/cli/systemd/service-manager.ts";
import { isAbsent } from "../../helpers/client-programs.ts";
import { listenForNotifications } from "../../helpers/notify-listener.ts";
import { transports } from "../../helpers/raw-transports.ts";

const noErrors = (error: Error): never => {
  throw error;
};

describe.skipIf(!transports.includes("native"))("the notification socket", () => {
  test.skipIf(isAbsent("systemd-notify", ["--version"]))("without koffi systemd-notify sends the message", async () => {
    const path = join(temporaryDirectory(), "notify");
    const message = await listenForNotifications(path);
    const send = await openNotifySocket(path, noErrors, () => Promise.reject(new Error("not installed")));
    expect(send("READY=1\nSTATUS=two words")).toBe(true);
    expect(await message(/READY=1/)).toContain("STATUS=two words");
  });

  test("a socket that is gone is an error for the caller, and nothing is thrown", async () => {
    const errors: Error[] = [];
    const send = await openNotifySocket(join(temporaryDirectory(), "gone"), (error) => errors.push(error));
    expect(send("READY=1")).toBe(true);
    expect(errors).toEqual([
      expect.objectContaining({ message: expect.stringMatching(/^NOTIFY_SOCKET .*: errno 2$/) }),
    ]);
  });
});

test("a message that the full socket does not take is sent later, in its order; at most 16 wait", async () => {
  const sent: string[] = [];
  let isFull = true;
  const manager = new ServiceManager((text) => {
    if (!isFull) sent.push(text);
    return !isFull;
  });
  onTestFinished(() => manager.close());
  for (let index = 1; index <= 20; index++) manager.status(`${index}`);
  isFull = false;
  await expect.poll(() => sent).toHaveLength(16);
  expect(sent[0]).toBe("STATUS=5");
  expect(sent.at(-1)).toBe("STATUS=20");
});

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "tftp-notify-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
