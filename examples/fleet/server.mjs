// One of many servers in front of one bucket. It keeps no state, so it may be added, removed or replaced at any time.
// Its options come from the environment, so that all servers share one image or one systemd unit.
import { Tftp } from "tftp-driver";

const { BUCKET = "boot", ENDPOINT, REGION = "us-east-1", ACCESS_KEY = "", SECRET_KEY = "" } = process.env;
const { HOST = "0.0.0.0", PORT = "69", CACHE_DIRECTORY } = process.env;
if (ENDPOINT === undefined) throw new Error("ENDPOINT: expected the URL of the S3 service, got nothing");

const tftp = new Tftp({
  host: HOST,
  port: Number(PORT),
  source: {
    scheme: "s3",
    endpoint: ENDPOINT,
    bucket: BUCKET,
    region: REGION,
    access_key_id: ACCESS_KEY,
    secret_access_key: SECRET_KEY,
  },
  // Set by systemd (CacheDirectory=), or to a volume in a container.
  ...(CACHE_DIRECTORY !== undefined && { cacheDir: CACHE_DIRECTORY, cacheMaxBytes: 20 * 1024 ** 3 }),
});

tftp.on("*", (event) => {
  if (event.type !== "progress") console.log(JSON.stringify(event));
});
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void tftp.close());
await tftp.start();
