// Boards in a thread of their own: they go on asking while the test's thread is blocked. Asks for each of the names,
// one after the other, and tells by `progress[0]` how many have got a first answer; the answers come as one message.
import { createSocket } from "node:dgram";
import { parentPort, workerData } from "node:worker_threads";

const { names, port, shared } = workerData;
const progress = new Int32Array(shared);
const answers = [];

for (const name of names) {
  const socket = createSocket("udp4");
  const answer = new Promise((resolve) => {
    socket.once("message", resolve);
  });
  socket.send(Buffer.concat([Buffer.from([0, 1]), Buffer.from(`${name}\0octet\0`)]), port, "127.0.0.1");
  const bytes = await answer;
  answers.push(bytes[1] === 5 ? `error ${bytes[3]}` : bytes.subarray(4).toString());
  socket.close();
  Atomics.add(progress, 0, 1);
}
parentPort.postMessage(answers, []);
