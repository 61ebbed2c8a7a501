import { vi } from "vitest";

// What takes tens of seconds on a quiet machine takes minutes on a busy one.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });
