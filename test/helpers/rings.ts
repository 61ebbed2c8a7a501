import { describe } from "vitest";
import { DescriptorLedger } from "../../src/contract/descriptors.ts";
import { loadLibc } from "../../src/worker/transport/linux/libc.ts";
import { closeMail, openMail } from "../../src/worker/transport/linux/mail.ts";

const present = await hasRings();

/** A `describe` that is skipped where there is no io_uring, or it is forbidden, as it is in many containers. */
export function describeWithRings(title: string, body: () => void): void {
  describe.skipIf(!present)(`${title} (io_uring)`, () => {
    body();
  });
}

async function hasRings(): Promise<boolean> {
  try {
    closeMail(openMail(await loadLibc(), new DescriptorLedger(), 1));
    return true;
  } catch {
    return false;
  }
}
