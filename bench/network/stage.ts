import { join } from "node:path";
import { Lab } from "../../test/helpers/network/lab.ts";
import { compileLink, Link } from "../../test/helpers/network/link.ts";
import type { Contender } from "../contenders.ts";
import { type LoadResult, runLoad } from "../load.ts";
import { type Places, type Server, startServer } from "../server.ts";
import { nativePeers } from "../native-peers.ts";
import type { NetworkRow } from "./rows.ts";

const HOST = "10.9.0.1";
const FIRST_PORT = 6_900;

/** All on one: what waits for the link does not compete, and the link comes first whenever a frame is due. */
const processors = [0];

/** Two machines with a link between them: the servers on one, their client on the other. */
export class NetworkStage {
  readonly servers: readonly Server[];
  readonly #lab: Lab;
  readonly #link: Link;
  readonly #places: Places;
  readonly #load: string;
  readonly #directory: string;

  private constructor(
    lab: Lab,
    link: Link,
    places: Places,
    load: string,
    directory: string,
    servers: readonly Server[],
  ) {
    this.#lab = lab;
    this.#link = link;
    this.#places = places;
    this.#load = load;
    this.#directory = directory;
    this.servers = servers;
  }

  /** Builds it in `directory`, whose files are served, and starts every contender. */
  static async open(contenders: readonly Contender[], load: string, directory: string): Promise<NetworkStage> {
    const lab = await Lab.open();
    const [a, b] = [await lab.namespace("server"), await lab.namespace("client")];
    const wrapper = ["taskset", "-c", processors.join()];
    const link = await Link.open(compileLink(join(directory, ".link")), [a, "l0"], [b, "l0"], wrapper);
    await a.addAddresses("l0", `${HOST}/24`);
    await b.addAddresses("l0", "10.9.0.9/24");
    const places = { server: a.prefix, client: b.prefix };
    const servers: Server[] = [];
    for (const [index, contender] of contenders.entries()) {
      // dnsmasq knows no other port than its own.
      const fixed = nativePeers.some(({ id, port }) => id === contender.id && port > 0);
      const at = { ...contender, host: HOST, port: fixed ? contender.port : FIRST_PORT + index };
      servers.push(await startServer(at, directory, processors, load, places));
    }
    return new NetworkStage(lab, link, places, load, directory, servers);
  }

  /** One transfer over the row's link. The same seed draws the same chances, whatever the server. */
  async run({ link, work }: NetworkRow, server: Server, seed: number): Promise<LoadResult> {
    await this.#link.set({ ...link, seed });
    return runLoad(this.#load, work, this.#directory, server, processors, this.#places.client);
  }

  async close(): Promise<void> {
    await this.#link.set({});
    await Promise.all(this.servers.map((server) => server.stop()));
    await this.#lab.close();
  }
}
