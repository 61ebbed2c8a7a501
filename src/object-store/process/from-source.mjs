// Under tsx and vitest the process starts from source: this plain file registers tsx first, then loads the real entry.
import { register } from "tsx/esm/api";

register();
await import("./entry.ts");
