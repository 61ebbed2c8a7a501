import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { beforeAll, afterAll, describe, expect, onTestFinished, test } from "vitest";
import { Activity } from "../../src/status/activity/activity.ts";
import { FetchFailed, fetchFile } from "../../src/main/client/tftp-client.ts";
import { openUiServer, type UiServer } from "../../src/ui/ui-server.ts";
import { browserIsAbsent, inPage, sharedBrowser } from "../helpers/browser.ts";
import { requestEvent, startEvents } from "../helpers/events.ts";
import type { RawClient } from "../helpers/raw-client.ts";
import { download } from "../helpers/raw-download.ts";
import { ack } from "../helpers/raw-packets.ts";
import { sharedServer } from "../helpers/raw-server.ts";

const evil = "<img src=x onerror=document.title='owned'>.bin";
const endless = "x".repeat(200);
/** Shown as it is, "gnp.exe" would read as "exe.png"; the second would end its row. Letters of any script are harmless. */
const reversed = "boot\u202egnp.exe";
const isolated = "\u2067\u2028<b>a\u0007\u001b[2J\ufeff";
const arabic = "لوحة/نواة.bin";
/** Where pictures of the page go, for people to look at. */
const pictures = process.env["SCREENSHOTS"];

describe.skipIf(browserIsAbsent)("the page in a browser", () => {
  const server = sharedServer(
    {},
    { "board1/zImage": Buffer.alloc(200_000), "hello.txt": "hello\n", [evil]: "x", [arabic]: "x", [reversed]: "x" },
  );
  const browser = sharedBrowser();
  const activity = new Activity();
  server.tftp.on("*", (event) => activity.apply(event));
  let ui: UiServer;
  beforeAll(async () => {
    ui = await openUiServer(activity, 0);
    const { address: host, port } = server.wellKnown;
    for (const file of ["hello.txt", evil, endless, "missing", "../../etc/passwd", reversed, isolated, arabic]) {
      await fetchFile({ host, port, file, onData: () => {} }).catch((error: unknown) =>
        expect(error).toBeInstanceOf(FetchFailed),
      );
    }
  });
  afterAll(() => ui.close());

  test("the page shows the server's address, its counters, results, and why a request was refused; names are text", async () => {
    const page = await browser.open(ui.url);
    await expect.poll(() => page.textContent("#status")).toBe("listening");
    expect(await page.textContent("#address")).toBe(`127.0.0.1:${server.wellKnown.port}`);
    const totals = await page.locator("#totals li").allTextContents();
    for (const total of [
      /^[1-9]\d* complete$/,
      /^0 failed$/,
      /^[1-9]\d* refused$/,
      /^\d+ dropped$/,
      /^\d+ .*B served$/,
    ]) {
      expect(totals).toContainEqual(expect.stringMatching(total));
    }
    const results = (await rows(page)).join("\n");
    expect(results).toMatch(
      /\| refused \| .*etc\/passwd \| 127\.0\.0\.1:\d+ \| the name leads out of the served directory$/m,
    );
    expect(results).toMatch(/\| refused \| missing \| 127\.0\.0\.1:\d+ \| there is no such file$/m);
    expect(results).toContain(`| complete | ${evil} |`);
    expect(results).toMatch(/^\d\d:\d\d:\d\d \| complete \| hello\.txt \| 127\.0\.0\.1:\d+ \| 6 B in \d/m);
    expect(await page.title()).toBe(`TFTP 127.0.0.1:${server.wellKnown.port}`);
    expect(await page.locator("main img").count()).toBe(0);
  });

  test("on the page a name of bidirectional marks and control characters is shown escaped, one of another script as it is", async () => {
    const page = await browser.open(ui.url);
    await expect.poll(async () => (await rows(page)).length).toBeGreaterThanOrEqual(8);
    const names = (await rows(page)).map((row) => row.split(" | ")[2]);
    expect(names).toContain("boot\\xe2\\x80\\xaegnp.exe");
    expect(names).toContain("\\xe2\\x81\\xa7\\xe2\\x80\\xa8<b>a\\x07\\x1b[2J\\xef\\xbb\\xbf");
    expect(names).toContain(arabic);
    // Nor is any of them in an attribute, a title, or what a screen reader is told.
    expect(await page.content()).not.toMatch(/\p{Bidi_Control}|\p{Zl}/u);
  });

  test("on the page a transfer is a bar while it runs, and a result when it has ended, without a reload", async () => {
    const page = await browser.open(ui.url);
    await expect.poll(() => page.isVisible("#running-none")).toBe(true);
    const client = await half(await server.client());
    const item = page.locator("#running li");
    await expect.poll(() => item.locator("progress").getAttribute("value")).toBe(`${102_400 / 200_000}`);
    expect(await item.locator(".file").textContent()).toBe("board1/zImage");
    expect(await item.locator(".client").textContent()).toBe(`127.0.0.1:${client.port}`);
    expect(await item.locator(".amount").textContent()).toBe("100 KiB of 195 KiB");
    expect(await item.locator(".eta").textContent()).toMatch(/^51 %/);
    expect(await page.getByRole("progressbar", { name: `board1/zImage to 127.0.0.1:${client.port}` }).count()).toBe(1);
    expect(await page.title()).toMatch(/^\(1\) TFTP /);
    expect(await page.textContent("#throughput-summary")).toMatch(/ now, peak .* in the last 5 minutes$/);
    // The chart has risen off its ground.
    await expect.poll(() => page.getAttribute("#chart-line", "d")).toMatch(/^M0 100L.* \d\d?(\.\d+)?(L|$)/);
    await client.send(Buffer.from("\0\u0005\0\0enough\0"));
    await expect.poll(async () => (await rows(page))[0]).toMatch(/\| client error \| board1\/zImage .*\(enough\)$/);
    await expect.poll(() => item.count()).toBe(0);
    // Told to a screen reader, too, after a while.
    await expect.poll(() => page.textContent("#announcements")).toBe("client error board1/zImage");
  });

  test("the page's filter goes by file, client and problem", async () => {
    const page = await browser.open(ui.url);
    await expect.poll(async () => (await rows(page)).length).toBeGreaterThanOrEqual(4);
    const all = (await rows(page)).length;
    await page.fill("#filter-file", "HELLO");
    expect((await rows(page)).map((row) => row.split(" | ")[2])).toEqual(["hello.txt"]);
    expect(await page.textContent("#results-count")).toBe(`1 of ${all} results`);
    await page.check("#filter-problems");
    expect(await rows(page)).toEqual([]);
    expect(await page.textContent("#results-none")).toBe("No results match the filter.");
    await page.fill("#filter-file", "");
    await expect.poll(async () => (await rows(page)).every((row) => !row.includes("| complete |"))).toBe(true);
    await page.uncheck("#filter-problems");
    await page.fill("#filter-client", "10.9.9.9");
    expect(await rows(page)).toEqual([]);
    await page.fill("#filter-client", "127.0.0.1");
    expect(await rows(page)).toHaveLength(all);
    // What comes later is sifted, too.
    await page.fill("#filter-file", "hello");
    await download(await server.client(), "hello.txt");
    await (await server.client()).request("later");
    await expect.poll(async () => (await rows(page)).length).toBe(2);
  });

  test("on the page Tab goes from the skip link over the filter; each stop has a name, and shows its focus", async () => {
    const page = await browser.open(ui.url);
    const stops = [];
    for (let count = 0; count < 4; count++) {
      await page.keyboard.press("Tab");
      stops.push(await inPage(page, "checks.focused()"));
    }
    expect(stops).toEqual([
      ["Skip to the results", "solid"],
      ["File", "solid"],
      ["Client", "solid"],
      ["Problems only", "solid"],
    ]);
    await page.keyboard.press("Space");
    expect(await page.isChecked("#filter-problems")).toBe(true);
  });

  test("the page has landmarks and headings for screen readers", async () => {
    const page = await browser.open(ui.url);
    for (const name of ["Counters", "Throughput", "Running", "Results"]) {
      expect(await page.getByRole("region", { name }).count(), name).toBe(1);
      expect(await page.getByRole("heading", { name, level: 2 }).count(), name).toBe(1);
    }
    for (const role of ["banner", "main", "search"] as const) expect(await page.getByRole(role).count(), role).toBe(1);
    // The chart gets its name with the first figures.
    await expect.poll(() => page.getByRole("img", { name: /^Throughput .* now/ }).count()).toBe(1);
    expect(await page.getByRole("columnheader").allTextContents()).toHaveLength(5);
  });

  test.each([
    ["light", 1_280],
    ["dark", 1_280],
    ["light", 360],
    ["dark", 360],
  ] as const)(
    "the page, %s, %i pixels wide, does not scroll sideways, and every text has a contrast of 4.5",
    async (colorScheme, width) => {
      const page = await browser.open(ui.url, { colorScheme, viewport: { width, height: 800 } });
      const client = await half(await server.client());
      await expect.poll(() => page.locator("#running li").count()).toBe(1);
      expect(await inPage(page, "document.documentElement.scrollWidth")).toBe(width);
      const dark = Number(await inPage(page, "checks.luminanceOfGround()")) < 0.2;
      expect(dark).toBe(colorScheme === "dark");
      expect(await inPage(page, "checks.poorContrasts()")).toEqual([]);
      if (pictures) {
        mkdirSync(pictures, { recursive: true });
        await page.screenshot({ path: join(pictures, `${colorScheme}-${width}.png`), fullPage: true });
      }
      await client.send(Buffer.from("\0\u0005\0\0enough\0"));
      await expect.poll(() => page.locator("#running li").count()).toBe(0);
    },
  );

  test("the page comes back by itself when the server does, and forgets what was", async () => {
    const old = new Activity();
    for (const event of [...startEvents(), requestEvent(1), requestEvent(2)]) old.apply(event);
    const first = await openUiServer(old, 0);
    const page = await browser.open(first.url);
    await expect.poll(() => page.textContent("#status")).toBe("listening");
    await expect.poll(() => page.locator("#running .file").allTextContents()).toHaveLength(2);
    await first.close();
    await expect.poll(() => page.textContent("#status")).toBe("disconnected, reconnecting");
    const fresh = new Activity();
    for (const event of startEvents("127.0.0.1", 6_969)) fresh.apply(event);
    fresh.apply(requestEvent(1, { file: "of the new server" }));
    const second = await openUiServer(fresh, Number(new URL(first.url).port));
    onTestFinished(() => second.close());
    await expect.poll(() => page.textContent("#address")).toBe("127.0.0.1:6969");
    expect(await page.textContent("#status")).toBe("listening");
    expect(await page.locator("#running .file").allTextContents()).toEqual(["of the new server"]);
    expect(await rows(page)).toEqual([]);
  });

  test("the page keeps 500 results, however many there were", async () => {
    const many = new Activity();
    const flooded = await openUiServer(many, 0);
    onTestFinished(() => flooded.close());
    const page = await browser.open(flooded.url);
    const refused = {
      type: "refused",
      reason: "not-found",
      client: { address: "::1", port: 9 },
      errorCode: 1,
    } as const;
    for (let round = 0; round < 3; round++) {
      for (let id = 0; id < 400; id++) many.apply({ ...refused, at: Date.now(), file: `${round}-${id}` });
      await expect.poll(async () => (await rows(page))[0]).toContain(`| ${round}-399 |`);
    }
    expect(await rows(page)).toHaveLength(500);
  });
});

/** The rows that are seen, each as one line. */
async function rows(page: Page): Promise<string[]> {
  return (await inPage(page, "checks.shownRows()")) as string[];
}

/** Takes 100 blocks of 1,024 bytes, and holds on. */
async function half(client: RawClient): Promise<RawClient> {
  await client.request("board1/zImage", { options: [["blksize", "1024"]] });
  for (let block = 0; block <= 100; block++) {
    await client.send(ack(block));
    await client.receive();
  }
  return client;
}
