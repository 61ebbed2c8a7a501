// A patient TFTP client (RFC 1350, 2347, 2348, 7440) in a process of its own, so that it can run in a network
// namespace. Its options are JSON in the first argument. It prints a line of JSON when it pauses, and one at its end.
import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";

const DATA = 3;
const ERROR = 5;
const OACK = 6;

const options = { silenceMs: 1_000, retries: 6, maxMs: 15_000, ...JSON.parse(process.argv[2]) };
const socket = createSocket({ type: options.host.includes(":") ? "udp6" : "udp4", recvBufferSize: 4 << 20 });
const digest = createHash("sha256");
const begun = performance.now();
const result = { bytes: 0, timeouts: 0, duplicates: 0, strangers: [], longestGapMs: 0 };

let server; // where the first answer came from: its TID
let blockSize = 512;
let windowSize = 1;
let block = 0; // the last one in order
let unacknowledged = 0;
let gap = false; // it has been reported; a second report would only draw the window again
let paused = false;
let tries = 0;
let last = begun;
let timer;

socket.on("message", receive);
socket.on("error", (error) => (result.socketError = error.message));
socket.bind(options.localPort ?? 0, options.localAddress, () => {
  socket.setBroadcast(options.broadcast === true);
  request();
  waitAgain();
});
setTimeout(() => end("it took too long"), options.maxMs);

function request() {
  const fields = [options.file, "octet"];
  if (options.blockSize) fields.push("blksize", options.blockSize);
  if (options.windowSize) fields.push("windowsize", options.windowSize);
  if (options.timeout) fields.push("timeout", options.timeout);
  send(Buffer.from(`\0\x01${fields.join("\0")}\0`), options);
}

/** An error of the call is a datagram lost on the way, as any other. */
function send(packet, { host, address = host, port }, sent = () => {}) {
  socket.send(packet, port, address, () => sent());
}

function acknowledge(sent) {
  unacknowledged = 0;
  send(Buffer.from([0, 4, (block >> 8) & 255, block & 255]), server, sent);
}

function receive(packet, from) {
  if (paused || packet.length < 4) return;
  if (!options.strict || from.address === options.host) server ??= from;
  if (from.port !== server?.port || from.address !== server.address) {
    result.strangers.push(from.address);
    return;
  }
  const now = performance.now();
  result.longestGapMs = Math.max(result.longestGapMs, Math.round(now - last));
  last = now;
  tries = 0;
  waitAgain();
  const opcode = packet.readUInt16BE();
  if (opcode === ERROR) end(`ERROR ${packet.readUInt16BE(2)} ${packet.toString("latin1", 4, packet.length - 1)}`);
  if (opcode === OACK && block === 0) grant(packet.toString("latin1", 2).split("\0"));
  if (opcode === DATA) take(packet.readUInt16BE(2), packet.subarray(4));
}

function grant(fields) {
  for (let index = 0; index + 1 < fields.length; index += 2) {
    if (fields[index] === "blksize") blockSize = Number(fields[index + 1]);
    if (fields[index] === "windowsize") windowSize = Number(fields[index + 1]);
  }
  acknowledge();
}

function take(number, payload) {
  const ahead = (number - block) & 0xffff;
  if (ahead !== 1) return outOfOrder(ahead);
  digest.update(payload);
  result.bytes += payload.length;
  block++;
  gap = false;
  const isLast = payload.length < blockSize;
  if (!isLast && ++unacknowledged < windowSize) return;
  if (options.pauseAt && block >= options.pauseAt) return pause();
  // The last ACK goes out before the socket closes.
  acknowledge(isLast ? () => end() : undefined);
}

function outOfOrder(ahead) {
  const isNewer = ahead > 1 && ahead < 0x8000;
  if (!isNewer) result.duplicates++;
  if (isNewer && windowSize > 1 && !gap) acknowledge();
  // The end of a window once more: its ACK was lost.
  if (ahead === 0 && unacknowledged === 0 && !gap) acknowledge();
  gap ||= isNewer;
}

function pause() {
  paused = true;
  options.pauseAt = undefined;
  clearTimeout(timer);
  print({ paused: block });
  process.stdin.once("data", () => {
    paused = false;
    acknowledge();
    waitAgain();
  });
}

function waitAgain() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    result.timeouts++;
    if (++tries > options.retries) return end("the server fell silent");
    gap = false;
    if (server) acknowledge();
    else request();
    waitAgain();
  }, options.silenceMs);
}

function end(error) {
  const ms = Math.round(performance.now() - begun);
  print({ ...result, error, ms, from: server?.address, sha256: digest.digest("hex"), blockSize, windowSize });
  socket.close(() => process.exit());
}

function print(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
