// The agent of `npm run bench:flood`: a server whose caller's thread is blocked while the flood goes on. After it has
// read what waited for it, it says what its process took, and what the events and counters sum up to.
// usage: fork flood-agent.mjs ROOT TRANSPORT SECONDS
import { Tftp } from "../../dist/index.js";

const [rootDir, transport, seconds] = process.argv.slice(2);
const MIB = 1_048_576;

const tftp = new Tftp({ host: "127.0.0.1", port: 0, rootDir, transport, journal: false });
/** What the listeners got to see: refusals by their own counts, and events that were lost on their way. */
const seen = { refused: 0, dropped: 0, lost: 0, events: 0 };
tftp.on("*", (event) => {
  seen.events++;
  if (event.type === "refused" || event.type === "dropped") seen[event.type] += event.count ?? 1;
  if (event.type === "lost") seen.lost += event.count;
});
const { port } = await tftp.start();
/** The flood goes on for so long before main is blocked: code that is compiled, and heaps that grow, are not its doing. */
const WARM_UP_MS = 15_000;
process.once("message", () => setTimeout(block, WARM_UP_MS));
process.send({ port });

function block() {
  globalThis.gc();
  const before = process.memoryUsage.rss() / MIB;
  let most = before;
  const end = performance.now() + Number(seconds) * 1_000;
  let sampledAt = 0;
  while (performance.now() < end) {
    if (performance.now() - sampledAt < 1_000) continue;
    sampledAt = performance.now();
    most = Math.max(most, process.memoryUsage.rss() / MIB);
  }
  setTimeout(() => void report({ before, most }), 2_000);
}

async function report(memory) {
  const { counters } = await tftp.snapshot();
  // The batch that the snapshot waited behind has been read by now.
  const refused = Object.values(counters.refused).reduce((sum, count) => sum + count, 0);
  const dropped = Object.values(counters.dropped).reduce((sum, count) => sum + count, 0);
  process.send({ memory, seen, counters: { requests: counters.requests, refused, dropped } });
  await tftp.close();
  process.disconnect();
}
