import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** Pure functions and state machines: they leave nothing behind, so files share their threads and what they import. */
const pure = [
  "test/cli/{bounded-output,command-line,help}.test.ts",
  "test/cli/export/exporter-config.test.ts",
  "test/cli/serve/{config/config-file,view/json-view}.test.ts",
  "test/cli/terminal/{frame,width}.test.ts",
  "test/contract/**/*.test.ts",
  "test/docs/links.test.ts",
  "test/fuzz/corpus.test.ts",
  "test/jumpstarter/controller/{controller-link,lease-hooks,lease-keeper,lease-machine,long-outage}.test.ts",
  "test/jumpstarter/wire/*.test.ts",
  "test/main/driver.test.ts",
  "test/main/client/tftp-client.test.ts",
  "test/main/events/{diagnostics,event-hub,event-stream,lifetime-counters,log-event,transfer-filter,transfer-history}.test.ts",
  "test/main/server/{restart-schedule,thread/watchdog}.test.ts",
  "test/object-store/*.test.ts",
  "test/scripts/{options-doc,rooms}.test.ts",
  "test/shared/{glob/*,printable,slab}.test.ts",
  "test/shared/tftpd-hpa/*.test.ts",
  "test/status/**/*.test.ts",
  "test/ui/sse-broadcaster.test.ts",
  "test/worker/content/{file-name,local-file-systems}.test.ts",
  "test/worker/content/blocks/*.test.ts",
  "test/worker/content/object-store/{extents,names,object-store}.test.ts",
  "test/worker/content/virtual/*.test.ts",
  "test/worker/protocol/*.test.ts",
  "test/worker/requests/**/*.test.ts",
  "test/worker/server/start-failure.test.ts",
  "test/worker/server/listening/{bind-targets,listener-group,plan}.test.ts",
  "test/worker/transfers/{event-queue,one-transfer-fails,paced-warnings,reporter}.test.ts",
  "test/worker/transport/{late-reply,lost-datagrams,network-errors}.test.ts",
  "test/worker/transport/{dgram/packet-views,linux/sockets/path-memory,linux/sockets/sender,linux/netlink/messages}.test.ts",
];

/** Rings with a script of their own: they take long, or need more than Node. */
const apart = { network: "test/network", boot: "test/boot", soak: "test/soak", jumpstarter: "test/jumpstarter/stock" };
/** What is published, as users' tools take it. */
const packaged = "test/package/**/*.test.ts";

/**
 * What a file does to its process, or counts in it, so that it can share it with no other file: modules that are
 * replaced, the environment, the working directory; descriptors, children, mappings and limits. Spies and clocks are
 * taken back after each test.
 */
const changesItsProcess =
  /\bvi\.(mock|resetModules)|process\.(chdir|umask|env\b.*\] =)|open-handles|prlimit|\/proc\/self\/(maps|task)/;
const alone = readdirSync("test", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".test.ts") && changesItsProcess.test(readFileSync(join("test", name), "utf8")))
  .map((name) => join("test", name));

const common = {
  setupFiles: ["test/setup/compare-bytes.ts", "test/setup/undo-replacements.ts"],
  // Ample for a busy machine: no test is to fail by a clock. What a test asserts about time, it asserts itself.
  testTimeout: 90_000,
  hookTimeout: 90_000,
  expect: { poll: { timeout: 60_000, interval: 20 } },
  // A test that fails once has failed.
  retry: 0,
};

const withThreads = {
  ...common,
  globalSetup: ["test/setup/compile-sources.ts"],
  pool: "forks" as const,
};
/** What `npm test` runs beside the pure tests. */
const local = ["test/**/*.test.ts"];
const notLocal = [...pure, packaged, ...Object.values(apart).map((directory) => `${directory}/**`)];

export default defineConfig({
  test: {
    globalSetup: ["test/setup/temporary-directory.ts"],
    // Socket tests mostly wait; more of them than there are cores can do so at once.
    maxWorkers: 6,
    projects: [
      { test: { ...common, name: "pure", include: pure, pool: "threads", isolate: false } },
      // A process for each file.
      { test: { ...withThreads, name: "alone", include: alone, exclude: notLocal } },
      {
        test: {
          ...withThreads,
          name: "local",
          include: local,
          exclude: [...notLocal, ...alone],
          // A process of the runner and what it imports take longer than most files do.
          isolate: false,
          // Errors of types in them are failures like any other.
          typecheck: { enabled: true, include: ["test/types/**/*.test-d.ts"], ignoreSourceErrors: true },
        },
      },
      ...Object.entries(apart).map(([name, directory]) => ({
        test: { ...withThreads, name, include: [`${directory}/**/*.test.ts`] },
      })),
      {
        test: {
          ...common,
          name: "package",
          include: [packaged],
          globalSetup: ["test/package/pack.ts"],
          pool: "forks",
          // Package managers and bundlers.
          testTimeout: 600_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
});
