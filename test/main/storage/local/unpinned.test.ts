// The same facts, as on a system where no path leads through a descriptor.
import { vi } from "vitest";

vi.mock("node:fs", async (importOriginal) => ({
  ...(await importOriginal<typeof import("node:fs")>()),
  existsSync: () => false,
}));

await import("../storage.test.ts");
await import("./jail.test.ts");
await import("../cleanup/close.test.ts");
