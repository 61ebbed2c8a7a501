// The commands that need an optional package, @grpc/grpc-js: loaded together, and only when one of them is asked for.
export { runExport } from "./export.ts";
export { runShell } from "../shell/shell.ts";
