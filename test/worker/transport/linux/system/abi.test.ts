import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as abi from "../../../../../src/worker/transport/linux/system/abi.ts";
import { isAbsent } from "../../../../helpers/client-programs.ts";

/** Where a constant has another name, or is made of several. */
const inC: Readonly<Record<string, string>> = {
  EPOLL_ADD: "EPOLL_CTL_ADD",
  EPOLL_MODIFY: "EPOLL_CTL_MOD",
  SOCK_DGRAM_CLOEXEC: "SOCK_DGRAM | SOCK_CLOEXEC",
  CLOEXEC: "O_CLOEXEC",
  PROT_READ_WRITE: "PROT_READ | PROT_WRITE",
  MAP_SHARED_POPULATE: "MAP_SHARED | MAP_POPULATE",
  SYS_IO_URING_SETUP: "__NR_io_uring_setup",
  SYS_IO_URING_ENTER: "__NR_io_uring_enter",
};

const headers = [
  "errno.h",
  "fcntl.h",
  "netinet/in.h",
  "netinet/udp.h",
  "sys/epoll.h",
  "sys/mman.h",
  "sys/socket.h",
  "asm/unistd.h",
  "linux/io_uring.h",
];

/** Sizes and offsets that the code writes into and reads from memory: struct, size, fields. */
const layouts = [
  ["struct epoll_event", { x64: 12, arm64: 16 }, { data: { x64: 4, arm64: 8 } }],
  [
    "struct msghdr",
    56,
    { msg_name: 0, msg_namelen: 8, msg_iov: 16, msg_iovlen: 24, msg_control: 32, msg_controllen: 40 },
  ],
  ["struct cmsghdr", 16, { cmsg_level: 8, cmsg_type: 12 }],
  ["struct sockaddr_in", 16, { sin_port: 2, sin_addr: 4 }],
  ["struct sockaddr_in6", 28, { sin6_port: 2, sin6_addr: 8, sin6_scope_id: 24 }],
  ["struct io_uring_params", 120, { features: 20, sq_off: 40, cq_off: 80 }],
  ["struct io_uring_sqe", 64, { fd: 4, addr: 16, len: 24, user_data: 32 }],
  ["struct io_uring_cqe", 16, { user_data: 0, res: 8 }],
] as const;

const compilers = [
  ["x64", "gcc"],
  ["arm64", "aarch64-linux-gnu-gcc"],
] as const;

describe.each(compilers)("the headers of Linux on %s", (arch, compiler) => {
  const absent = process.platform !== "linux" || isAbsent(compiler, ["--version"]);
  const needed = compiler === "gcc" && process.arch === "x64";

  test.skipIf(needed ? absent : absent || !compiles(compiler))(
    "they have the constants and layouts that cross into the kernel",
    () => {
      const constants = Object.entries(abi).map(([name, value]) => assertion(inC[name] ?? name, `${value}`));
      const structs = layouts.flatMap(([struct, size, fields]) => {
        const offsets = Object.entries(fields).map(([field, offset]) =>
          assertion(`__builtin_offsetof(${struct}, ${field})`, `${on(arch, offset as Sized)}`),
        );
        return offsets.concat(assertion(`sizeof(${struct})`, `${on(arch, size)}`));
      });
      expect(constants.length).toBeGreaterThan(40);
      expect(messagesOf(compiler, [...constants, ...structs])).toBe("");
    },
  );
});

type Sized = number | Readonly<Record<"x64" | "arm64", number>>;

function on(arch: "x64" | "arm64", value: Sized): number {
  return typeof value === "number" ? value : value[arch];
}

function assertion(expression: string, value: string): string {
  return `_Static_assert((${expression}) == ${value}, "${expression} is ${value}");`;
}

function compiles(compiler: string): boolean {
  return messagesOf(compiler, []) === "";
}

/** What the compiler says; empty if every assertion holds. */
function messagesOf(compiler: string, lines: readonly string[]): string {
  const directory = mkdtempSync(join(tmpdir(), "tftp-abi-"));
  try {
    const file = join(directory, "abi.c");
    writeFileSync(
      file,
      `#define _GNU_SOURCE\n${headers.map((name) => `#include <${name}>\n`).join("")}${lines.join("\n")}\n`,
    );
    execFileSync(compiler, ["-fsyntax-only", file], { encoding: "utf8", stdio: "pipe" });
    return "";
  } catch (error) {
    return (error as { stderr?: string }).stderr ?? String(error);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
