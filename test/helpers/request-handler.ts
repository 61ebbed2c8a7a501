import { onTestFinished } from "vitest";
import { DescriptorLedger } from "../../src/worker/transport/linux/system/descriptor-ledger.ts";
import type { TftpEvent, TftpEventOf } from "../../src/contract/events/events.ts";
import type { TftpOptions } from "../../src/contract/options/options.ts";
import { resolveOptions } from "../../src/contract/options/resolve-options.ts";
import { AccessList } from "../../src/worker/requests/access-list.ts";
import { DeadlineTimer } from "../../src/worker/transfers/deadline-timer.ts";
import { SharedBlockCache } from "../../src/worker/content/blocks/block-cache.ts";
import type { BlockCache, ContentFile, ContentSource, RequestContext } from "../../src/worker/content/content.ts";
import { RequestHandler } from "../../src/worker/requests/request-handler.ts";
import { Reporter } from "../../src/worker/transfers/reporter.ts";
import { TransferPorts } from "../../src/worker/requests/ports/transfer-ports.ts";
import { Transfers } from "../../src/worker/requests/registry/transfer-registry.ts";
import { chooseTransport } from "../../src/worker/transport/choose.ts";
import type { Transport } from "../../src/worker/transport/transport.ts";
import { PendingWork } from "../../src/worker/transfers/pending-work.ts";
import { RawClient } from "./raw-client.ts";

export interface HandlerOptions extends TftpOptions {
  /** In place of the real one. */
  readonly cache?: BlockCache;
  /** Puts faults between the server and its sockets. */
  readonly wrapTransport?: (transport: Transport) => Transport;
}

/** The worker's side of a server, here in the test's own thread, on a real port, with content of the test's own. */
export interface TestHandler {
  readonly events: readonly TftpEvent[];
  readonly transfers: Transfers;
  readonly reporter: Reporter;
  client(): Promise<RawClient>;
  /** The events of that type so far. */
  reported<Type extends TftpEvent["type"]>(type: Type): TftpEventOf<Type>[];
}

/** Serves what `open` gives for the name, until the test has ended. */
export async function openHandler(
  open: (name: string, request: RequestContext) => Promise<ContentFile>,
  { cache = new SharedBlockCache(1 << 26), wrapTransport = (transport) => transport, ...options }: HandlerOptions = {},
): Promise<TestHandler> {
  const { server: config } = resolveOptions({ host: "127.0.0.1", port: 0, retransmitMs: 30_000, ...options });
  const source: ContentSource = { open: (name, request) => open(name.text, request), close: async () => {} };
  const events: TftpEvent[] = [];
  const reporter = new Reporter((batch) => void events.push(...batch));
  const pending = new PendingWork();
  const dependencies = { ledger: new DescriptorLedger(), mustNotSleep: () => pending.count > 0 };
  const transport = wrapTransport(await chooseTransport(config.transport, dependencies, () => {}));
  const transfers = new Transfers();
  const [ports, timer] = [new TransferPorts(transport), new DeadlineTimer()];
  const access = new AccessList(config);
  const context = { config, access, source, cache, transport, ports, reporter, pending, timer };
  const handler = new RequestHandler(context, transfers, 1);
  const listener = await transport.listen({ address: String(config.host), port: config.port }, handler);
  handler.listener = listener;
  onTestFinished(async () => {
    await listener.close();
    for (const transfer of transfers) transfer.stop();
    void cache.close();
    transport.close();
    reporter.flush();
  });
  return {
    events,
    transfers,
    reporter,
    client: () => RawClient.open(listener.bound),
    reported: (type) => {
      reporter.flush();
      return events.filter((event): event is TftpEventOf<typeof type> => event.type === type);
    },
  };
}
