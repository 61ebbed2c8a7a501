// A process whose server is made to hang, by one datagram, in a RegExp of its own, while a flood waits at the port. Prints what
// the driver reports. usage: hung-under-flood.mjs INDEX TRANSPORT DIRECTORY NAME
import { createSocket } from "node:dgram";

const [index, transport, rootDir, name] = process.argv.slice(2);
const { Tftp } = await import(index);
const tftp = new Tftp({ rootDir, host: "127.0.0.1", port: 0, transport, watchdogMs: 400 });
await tftp.addFile(/^x\/?(a+)+$/, () => "never").ready;
tftp.on("worker-crashed", ({ cause }) => console.log(cause?.code));
const restarted = new Promise((resolve) => {
  tftp.on("restarted", resolve);
});
await tftp.start();
const port = await tftp.getPort();
const socket = createSocket("udp4").on("message", () => {});
const request = (file) => Buffer.from(`\0\u0001${file}\0octet\0`, "latin1");
socket.send(request(name), port, "127.0.0.1");
const flood = setInterval(() => {
  for (let count = 0; count < 40; count++) socket.send(request("missing"), port, "127.0.0.1");
}, 5);
await restarted;
clearInterval(flood);
socket.close();
console.log("restarted");
await tftp.close();
