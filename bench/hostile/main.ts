// What one hostile datagram costs the server's thread: `npm run bench:hostile`. Nothing goes over a socket; the
// listener and the file system cost the same for every datagram, and are not what an attacker can choose.
import { DescriptorLedger } from "../../src/worker/transport/linux/system/descriptor-ledger.ts";
import { resolveOptions } from "../../src/contract/options/resolve-options.ts";
import { SharedBlockCache } from "../../src/worker/content/blocks/block-cache.ts";
import { Refused } from "../../src/worker/content/content.ts";
import { HandlerAnswers } from "../../src/worker/content/virtual/handler-answers.ts";
import { VirtualFileSource } from "../../src/worker/content/virtual/virtual-file-source.ts";
import { VirtualRules } from "../../src/worker/content/virtual/virtual-rules.ts";
import { RuleSource } from "../../src/worker/content/rules/rule-source.ts";
import { AccessList } from "../../src/worker/requests/access-list.ts";
import { RequestHandler } from "../../src/worker/requests/request-handler.ts";
import { TransferPorts } from "../../src/worker/requests/ports/transfer-ports.ts";
import { Transfers } from "../../src/worker/requests/registry/transfer-registry.ts";
import { DeadlineTimer } from "../../src/worker/transfers/deadline-timer.ts";
import { PendingWork } from "../../src/worker/transfers/pending-work.ts";
import { Reporter } from "../../src/worker/transfers/reporter.ts";
import { chooseTransport } from "../../src/worker/transport/choose.ts";
import { hostileDatagrams } from "./datagrams.ts";

const COUNT = 2_000;

/** In microseconds: what no datagram may cost, other programs' work left aside (the quickest tenth of the rounds). */
const LIMIT = Number(process.argv[2] ?? 250);

const { server: config } = resolveOptions({ host: "127.0.0.1", port: 0, transport: "dgram" });
const rules = new VirtualRules();
rules.add({ id: 1, pattern: "pxelinux.cfg/01-*-*-*-*-*-*", content: { bytes: new Uint8Array(9) } });
rules.add({ id: 2, pattern: "**/*.img", content: { bytes: new Uint8Array(9) } });
const pending = new PendingWork();
const missing = { open: () => Promise.reject(new Refused("not-found")), close: async () => {} };
const answers = new HandlerAnswers(async () => "not-found", { timeoutMs: 100, maxOpen: 100, maxBytes: 1e6 });
// A farm with a rule for each of 100 boards, in three ways; none of them matches.
const ruleSource = new RuleSource({ stored: missing, rootDir: "/", openDirectory: () => Promise.reject(new Error()) });
ruleSource.use(
  Array.from({ length: 100 }, (_, board) => [
    { client: `10.0.0.${board}`, root: `boards/${board}` },
    { match: `boards/${board}/*`, to: "{1}" },
    { match: `**/*-${board}.img`, caseInsensitive: true, to: "{2}.img" },
  ]).flat(),
);
const transport = await chooseTransport(
  "dgram",
  { ledger: new DescriptorLedger(), mustNotSleep: () => false },
  () => {},
);
const handler = new RequestHandler(
  {
    config,
    access: new AccessList(config),
    source: new VirtualFileSource(rules, answers, "/", ruleSource),
    cache: new SharedBlockCache(1 << 20),
    transport,
    ports: new TransferPorts(transport),
    reporter: new Reporter(() => {}),
    pending,
    timer: new DeadlineTimer(),
  },
  new Transfers(),
  1,
);

let number = 0;
let isTooDear = false;
const client = { address: "192.0.2.1", port: 2_000 };
const local = { address: "192.0.2.9", port: 69 };
for (const [what, make] of Object.entries(hostileDatagrams)) {
  const costs: number[] = [];
  for (let round = 0; round < COUNT; round++) {
    const datagram = make(number++);
    const before = performance.now();
    handler.onRequest(datagram, client, local);
    // With all that follows until the refusal has been sent.
    for (let turn = 0; turn < 12; turn++) await Promise.resolve();
    costs.push((performance.now() - before) * 1_000);
    if (round % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  costs.sort((one, other) => one - other);
  const at = (share: number): string => (costs[Math.floor(COUNT * share)] ?? 0).toFixed(1).padStart(8);
  if ((costs[COUNT / 10] ?? 0) > LIMIT) isTooDear = true;
  console.log(`${what.padEnd(32)} 10 % ${at(0.1)} us   median ${at(0.5)} us   99 % ${at(0.99)} us`);
}
transport.close();
if (isTooDear) {
  console.error(`a datagram costs more than ${LIMIT} us`);
  process.exitCode = 1;
}
