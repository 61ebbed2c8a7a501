import { beforeAll, describe, expect, test } from "vitest";
import { isOffline, Project, tarball } from "./project.ts";

/** The first worker of the cluster takes any port, the second one the same, and then one of its own. */
const files = {
  "cluster.mjs": `
    import cluster from "node:cluster";
    import { Tftp } from "tftp-driver";

    const [, , transport] = process.argv;
    const answerOf = (worker) => new Promise((resolve) => worker.once("message", resolve));
    const ask = (worker, port) => {
      worker.send(port);
      return answerOf(worker);
    };
    if (cluster.isPrimary) {
      const [first, second] = [cluster.fork(), cluster.fork()];
      await Promise.all([first, second].map(answerOf));
      const { port } = await ask(first, 0);
      const refused = await ask(second, port);
      const other = await ask(second, 0);
      console.log(JSON.stringify({ bound: port > 0, refused: refused.code, other: other.port > 0 && other.port !== port }));
      for (const worker of [first, second]) worker.send("close");
    } else {
      process.on("message", async (message) => {
        if (message === "close") return process.exit();
        const tftp = new Tftp({ host: "127.0.0.1", rootDir: ".", journal: false, port: message, transport });
        try {
          const { port } = await tftp.start();
          await tftp.probe({ timeoutMs: 60_000 });
          process.send({ port });
        } catch ({ code }) {
          process.send({ code });
        }
      });
      process.send("ready");
    }
  `,
};

describe.skipIf(isOffline)("in a cluster", () => {
  let project: Project;
  beforeAll(async () => {
    project = new Project(files);
    await project.run("npm", ["install", "--no-audit", "--no-fund", tarball]);
  });

  test.each(process.platform === "linux" ? ["dgram", "native"] : ["dgram"])(
    "a port is bound by one worker only, and each worker has its own server: %s",
    async (transport) => {
      const output = await project.run("node", ["cluster.mjs", transport]);
      expect(JSON.parse(output)).toEqual({ bound: true, refused: "ADDRESS_IN_USE", other: true });
    },
  );
});
