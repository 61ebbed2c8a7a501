/** A UDP endpoint. `address` is numeric, IPv4 or IPv6 (with a scope if link-local). */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** An address and port that the server is bound to. */
export interface BoundAddress {
  /** Numeric, IPv4 or IPv6. */
  readonly host: string;
  /** UDP, 1 to 65535. */
  readonly port: number;
}

/** As users of the library are shown it. */
export function toBoundAddress({ address, port }: Endpoint): BoundAddress {
  return { host: address, port };
}
