import type { NativeSharedChannel } from "./native-shared-channel.ts";
import { AF_INET } from "../system/abi.ts";
import type { Message } from "../system/message.ts";

/** Of a struct sockaddr_in: family and port, address. */
const IPV4_WORDS = [0, 1] as const;
/** Of a struct sockaddr_in6: family and port, the address's four, the scope; the flow between them is not the sender's. */
const IPV6_WORDS = [0, 2, 3, 4, 5, 6] as const;

/** The attached channels of one socket, found by the sender and the destination of a datagram, without any text. */
export class SharedTable {
  /** By a hash of the client's address and port. */
  readonly #buckets = new Map<number, NativeSharedChannel[]>();
  readonly #words: readonly number[];
  /** So that nobody can choose addresses that share a bucket. */
  readonly #seed = Math.floor(Math.random() * 2 ** 32);
  size = 0;

  constructor(family: number) {
    this.#words = family === AF_INET ? IPV4_WORDS : IPV6_WORDS;
  }

  /** In place of the one with the same ends. */
  add(channel: NativeSharedChannel): void {
    const hash = this.#hash(channel.clientWords);
    const bucket = this.#buckets.get(hash) ?? [];
    const index = bucket.findIndex(
      (other) => other.local === channel.local && this.#isEqual(other.clientWords, channel.clientWords),
    );
    if (index >= 0) bucket[index] = channel;
    else {
      bucket.push(channel);
      this.size++;
    }
    this.#buckets.set(hash, bucket);
  }

  delete(channel: NativeSharedChannel): void {
    const hash = this.#hash(channel.clientWords);
    const bucket = this.#buckets.get(hash);
    const index = bucket?.indexOf(channel) ?? -1;
    if (!bucket || index < 0) return;
    bucket.splice(index, 1);
    this.size--;
    if (bucket.length === 0) this.#buckets.delete(hash);
  }

  /** `bound`: the destination, if the system does not say which it was. */
  find(message: Message, bound: string): NativeSharedChannel | undefined {
    const sender = message.senderWords;
    const bucket = this.#buckets.get(this.#hash(sender));
    if (!bucket) return undefined;
    const { address = bound, isUnicast } = message.destination;
    if (!isUnicast) return undefined;
    for (const channel of bucket) {
      if (channel.local === address && this.#isEqual(channel.clientWords, sender)) return channel;
    }
    return undefined;
  }

  #hash(address: Uint32Array): number {
    let hash = this.#seed;
    if (this.#words.length === 2)
      return Math.imul(Math.imul((address[0] ?? 0) ^ hash, 0x9e3779b1) ^ (address[1] ?? 0), 0x85ebca6b);
    for (const word of this.#words) hash = Math.imul(hash ^ (address[word] ?? 0), 0x9e3779b1) ^ (hash >>> 15);
    return hash | 0;
  }

  #isEqual(one: Uint32Array, other: Uint32Array): boolean {
    for (const word of this.#words) if (one[word] !== other[word]) return false;
    return true;
  }
}
