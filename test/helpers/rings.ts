import { describe } from "vitest";
import { loadLibc } from "../../src/worker/transport/linux/system/libc.ts";

/** struct io_uring_params, with IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN (Linux 6.1). */
const PARAMETERS_SIZE = 120;
const FLAGS = 0x3000;
/** How a kernel says that it has no such thing, or does not let us have it. */
const ABSENT: ReadonlySet<string | undefined> = new Set(["ENOSYS", "EPERM", "EINVAL"]);

const present = await hasRings();

/** A `describe` that is skipped where there is no io_uring, or it is forbidden, as it is in many containers. */
export function describeWithRings(title: string, body: () => void): void {
  describe.skipIf(!present)(`${title} (io_uring)`, () => {
    body();
  });
}

/** Asks the kernel itself: were it our code that cannot, tests that are skipped would prove nothing. */
async function hasRings(): Promise<boolean> {
  const libc = await loadLibc().catch(() => undefined);
  if (libc === undefined) return false;
  const parameters = new Uint8Array(PARAMETERS_SIZE);
  new DataView(parameters.buffer).setUint32(8, FLAGS, true);
  try {
    libc.close(libc.ringSetup(1, parameters));
    return true;
  } catch (error) {
    if (ABSENT.has((error as NodeJS.ErrnoException).code)) return false;
    throw error;
  }
}
