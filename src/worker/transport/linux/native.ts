import type { DescriptorLedger } from "../../../contract/descriptors.ts";
import type { Endpoint } from "../../../contract/events.ts";
import type { Channel, Listener, ListenerReceiver, Transport } from "../transport.ts";
import { EpollSet } from "./epoll-set.ts";
import type { Libc } from "./libc.ts";
import { closeMail, type Mail, openMail } from "./mail.ts";
import { NativeChannel } from "./native-channel.ts";
import { NativeListener } from "./native-listener.ts";
import { NativeSockets } from "./native-sockets.ts";
import { Pump } from "./pump.ts";
import { Segmentation } from "./segmentation.ts";
import { SocketPool } from "./socket-pool.ts";

/** So many sockets have their turn in one round. */
const ROUND = 256;

/** The Linux transport: the same sockets by system calls of our own, a window in one call, and an epoll set. */
export class NativeTransport implements Transport {
  readonly name = "native";
  readonly #epoll: EpollSet;
  readonly #mail: Mail | undefined;
  readonly #pump: Pump;
  readonly #sockets: NativeSockets;
  readonly #pool: SocketPool;

  /** `mustNotSleep`: something else in this thread waits for the event loop. */
  constructor(libc: Libc, ledger: DescriptorLedger, mustNotSleep: () => boolean) {
    this.#epoll = new EpollSet(libc, ledger, ROUND);
    this.#mail = mailIfAllowed(libc, ledger);
    this.#pump = new Pump({ libc, epoll: this.#epoll, mail: this.#mail, mustNotSleep });
    this.#sockets = new NativeSockets(libc, this.#pump, ledger);
    this.#pool = new SocketPool(this.#sockets, new Segmentation(libc));
  }

  async listen(at: Endpoint, receiver: ListenerReceiver): Promise<Listener> {
    return new NativeListener(this.#sockets, at, receiver);
  }

  async open(local: Endpoint, client: Endpoint): Promise<Channel> {
    return new NativeChannel(this.#pool, this.#pool.take(local.address, client));
  }

  close(): void {
    this.#pool.close();
    this.#pump.close();
    this.#epoll.close();
    if (this.#mail) closeMail(this.#mail);
  }
}

function mailIfAllowed(libc: Libc, ledger: DescriptorLedger): Mail | undefined {
  try {
    return openMail(libc, ledger, ROUND);
  } catch {
    return undefined;
  }
}
