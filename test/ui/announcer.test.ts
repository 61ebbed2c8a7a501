import { expect, test, vi } from "vitest";

interface Announcer {
  announce(results: readonly { readonly what: string; readonly file?: string }[]): void;
}

/** A script of the page, as the browser loads it. */
const script: string = new URL("../../src/ui/page/announcer.js", import.meta.url).href;

test("one new result is announced by name, and several by their number, however many", async () => {
  const area = { textContent: "" };
  vi.stubGlobal("document", { getElementById: () => area });
  vi.useFakeTimers();
  const { Announcer } = (await import(script)) as { readonly Announcer: new () => Announcer };
  const announcer = new Announcer();
  announcer.announce([{ what: "complete", file: "zImage" }]);
  vi.advanceTimersByTime(5_000);
  expect(area.textContent).toBe("complete zImage");
  const many = Array.from({ length: 500 }, () => ({ what: "refused" }));
  for (let round = 0; round < 3; round++) announcer.announce(many);
  vi.advanceTimersByTime(5_000);
  expect(area.textContent).toBe("1500 new results");
  announcer.announce([{ what: "crashed" }]);
  vi.advanceTimersByTime(5_000);
  expect(area.textContent).toBe("crashed ");
});
