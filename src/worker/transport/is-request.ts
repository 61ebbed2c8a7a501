/** Whether a datagram begins a transfer: RRQ is opcode 1, WRQ is 2 (RFC 1350 section 5). All else belongs to one. */
export function isRequest(bytes: Uint8Array, length: number = bytes.length): boolean {
  return length >= 2 && bytes[0] === 0 && (bytes[1] === 1 || bytes[1] === 2);
}
