// The real server's thread on a machine that the native transport does not know: it falls back to dgram, with a warning.
Object.defineProperty(process, "arch", { value: "s390x" });

// The test says which: the compiled one, or the one that tsx compiles.
await import(process.env["TFTP_FOREIGN_ENTRY"]);
