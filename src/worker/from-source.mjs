// Under tsx and vitest the worker starts from source. On Node 20 a `.ts` file cannot be a worker's entry, and tsx
// in execArgv does not reach workers: this plain file registers tsx first, then loads the real entry.
import { register } from "tsx/esm/api";

register();
await import("./entry.ts");
