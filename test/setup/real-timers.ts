// Files share their processes: a clock that a test has replaced must not be the next one's.
import { afterEach, vi } from "vitest";

afterEach(() => void vi.useRealTimers());
