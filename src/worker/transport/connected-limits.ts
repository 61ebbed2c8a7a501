/**
 * Sockets of single-port transfers on the well-known port, so many at a time. Linux compares what arrives at the port with
 * each of these sockets in turn (up to 6.12 all datagrams, later those of no transfer): with 128 a datagram costs it 1 µs
 * more, with 1,000 it would be 9.
 */
export const MAX_CONNECTED = 128;

/**
 * After so many datagrams a socket of its own has paid for itself: a small file is quicker without, and forged requests,
 * which draw few, get none.
 */
export const CONNECT_AFTER = 16;
