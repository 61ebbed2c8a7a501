import { existsSync, readFileSync } from "node:fs";
import { type Browser, chromium, type BrowserContextOptions, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished } from "vitest";

/** Debian's; CHROMIUM names another. */
const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** Headless, and nothing but what the test asks for: no sandbox, so that it runs as root too. */
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/** As with the clients: never skipped with REQUIRE_CLIENTS=1. */
export const browserIsAbsent: boolean = process.env["REQUIRE_CLIENTS"] !== "1" && !existsSync(executablePath);

/** A browser for the tests of one `describe`. */
export function sharedBrowser(): { open(url: string, options?: BrowserContextOptions): Promise<Page> } {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args });
  });
  afterAll(() => browser?.close());
  return {
    /** Opens a page of its own, closed with the test; whatever it complains of fails the test. */
    open: async (url, options = {}) => {
      const page = await browser.newPage(options);
      const complaints: string[] = [];
      page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(error.message));
      onTestFinished(async () => {
        await page.close();
        // A server that went away on purpose shows as a connection that failed.
        expect(complaints.filter((text) => !text.includes("ERR_CONNECTION_REFUSED"))).toEqual([]);
      });
      await page.goto(url);
      return page;
    },
  };
}

const checks = readFileSync(new URL("page-checks.js", import.meta.url), "utf8");

/** What an expression in the page comes to; it may use page-checks.js. */
export function inPage(page: Page, expression: string): Promise<unknown> {
  return page.evaluate(`${checks}\n${expression}`);
}
