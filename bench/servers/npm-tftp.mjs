// The server of the npm package `tftp`. usage: node npm-tftp.mjs PORT DIR
import tftp from "tftp";

const [port, root] = process.argv.slice(2);
// What it grants at most; its defaults are 1468 and 4.
const most = { blockSize: 65_464, windowSize: 64 };
const server = tftp.createServer({ host: "127.0.0.1", port: Number(port), root, denyPUT: true, ...most });
server.on("error", (error) => console.error(error));
// A client that ends its transfer early is an error to this package, and without a listener a crash.
server.on("request", (request) => request.on("error", () => {}));
server.listen();
