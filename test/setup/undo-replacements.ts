// Files share their processes: what a test has replaced must not be there in what runs next, the next file's hooks included
// (Vitest's own option restoreMocks takes spies back before the next test only).
import { afterEach, vi } from "vitest";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});
