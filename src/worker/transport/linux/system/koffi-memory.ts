import { readFileSync } from "node:fs";
import type { MappedRegion } from "../../../../contract/thread/mapped-memory.ts";
import type { Koffi } from "../../../../shared/load-koffi.ts";

type Library = ReturnType<Koffi["load"]>;

/**
 * The versions that are known to leave a thread's memory mapped when it ends: in 3.3.4 nothing ever deletes what
 * InitModule has made by `new InstanceData()`. To unmap what another version has unmapped itself would end the process.
 */
const leaving: ReadonlySet<string> = new Set(["3.3.4"]);

/** glibc's ucontext_t: more than its size, and the offset of the stack pointer in it, in 64-bit words. */
const CONTEXT_WORDS = 1_024;
const STACK_POINTER: Readonly<Record<string, number>> = { x64: 160 / 8, arm64: 432 / 8 };

/**
 * The stack and the heap that koffi has mapped for this thread's calls, which stay when the thread ends. Empty if it cannot be
 * said for certain where they lie: then they stay mapped.
 */
export function findKoffiMemory(ffi: Koffi, library: Library): MappedRegion[] {
  if (!leaving.has(ffi.version)) return [];
  try {
    const pageSize = (library.func("getpagesize", "int", []) as unknown as () => number)();
    return [stackOf(ffi, library, pageSize), heapOf(ffi, library, pageSize)];
  } catch {
    // musl has no getcontext, for one.
    return [];
  }
}

/** A guard page, the stack, and a page above it, in one piece. */
function stackOf(ffi: Koffi, library: Library, pageSize: number): MappedRegion {
  const getcontext = library.func("getcontext", "int", ["void *"]) as unknown as (context: BigUint64Array) => number;
  const context = new BigUint64Array(CONTEXT_WORDS);
  getcontext(context);
  const pointer = Number(context[STACK_POINTER[process.arch] ?? 0]);
  const size = alignUp(ffi.config().sync_stack_size ?? NaN, pageSize);
  // A call starts at the stack's end.
  const end = alignUp(pointer, pageSize);
  const start = end - size;
  const mappings = readMappings();
  const guard = mappings.find((mapping) => mapping.end === start);
  const stack = mappings.find((mapping) => mapping.start === start);
  if (guard?.access !== "---p" || stack?.access !== "rw-p" || stack.end < end + pageSize) throw new Error("not found");
  return { address: start - pageSize, length: size + 2 * pageSize };
}

/** A string that is handed over is copied to the heap's start, and strchr(3) returns where it lies. */
function heapOf(ffi: Koffi, library: Library, pageSize: number): MappedRegion {
  const strchr = library.func("strchr", "uintptr_t", ["const char *", "int"]) as unknown as (
    text: string,
    character: number,
  ) => number | bigint;
  const address = Number(strchr("x", "x".charCodeAt(0)));
  const length = alignUp(ffi.config().sync_heap_size ?? NaN, pageSize);
  const isMapped = readMappings().some(
    ({ start, end, access }) => access === "rw-p" && start <= address && address + length <= end,
  );
  if (address % pageSize !== 0 || !isMapped) throw new Error("not found");
  return { address, length };
}

/** As in /proc/self/maps, proc_pid_maps(5). */
function readMappings(): { readonly start: number; readonly end: number; readonly access: string }[] {
  const lines = readFileSync("/proc/self/maps", "latin1").split("\n");
  return lines.flatMap((line) => {
    const [, start = "", end = "", access = ""] = /^([0-9a-f]+)-([0-9a-f]+) (\S+)/.exec(line) ?? [];
    return access === "" ? [] : [{ start: parseInt(start, 16), end: parseInt(end, 16), access }];
  });
}

function alignUp(value: number, size: number): number {
  return Math.ceil(value / size) * size;
}
