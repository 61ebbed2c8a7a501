import {
  decodeAck,
  decodeError,
  decodeRequest,
  encodeError,
  MAX_REQUEST,
  opcodeOf,
} from "../../../src/worker/protocol/packet.ts";
import { assert } from "../assert.ts";

/** Any datagram: decoding throws nothing, and what it returns can be relied on. */
export function fuzz(data: Uint8Array): void {
  const opcode = opcodeOf(data);
  assert(opcode === undefined || (opcode >= 0 && opcode <= 0xffff), "an opcode has 16 bits");
  const block = decodeAck(data, data.length);
  assert(block === undefined || (block >= 0 && block <= 0xffff), "a block number has 16 bits");
  const { code, text } = decodeError(data, data.length);
  assert(code >= 0 && code <= 0xffff, "an error code has 16 bits");
  assert(/^[ -~]*$/.test(text), "the text of an ERROR is printable ASCII");
  assert(decodeError(encodeError(code, text), text.length + 5).text === text, "a decoded ERROR survives being sent on");
  const request = decodeRequest(data);
  if (request === undefined) return;
  assert(data.length <= MAX_REQUEST, "what is too long is no request");
  assert(request.file.length > 0 && !request.file.includes(0), "a name is not empty and holds no NUL");
  assert(request.mode === request.mode.toLowerCase(), "a mode is in lower case");
  for (const name of request.options.keys())
    assert(name !== "" && name === name.toLowerCase(), "so is an option's name");
}
