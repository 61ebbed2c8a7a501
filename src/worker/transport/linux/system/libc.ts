import { getSystemErrorName } from "node:util";
import type { KoffiFunc } from "koffi";
import type { MappedMemory } from "../../../../contract/thread/mapped-memory.ts";
import {
  CLOEXEC,
  F_DUPFD_CLOEXEC,
  MAP_SHARED_POPULATE,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  MSG_WAITFORONE,
  PROT_READ_WRITE,
  SO_MEMINFO,
  SOCK_DGRAM_CLOEXEC,
  SOL_SOCKET,
  SYS_IO_URING_ENTER,
  SYS_IO_URING_SETUP,
} from "./abi.ts";
import { loadKoffi } from "../../../../shared/load-koffi.ts";
import { findKoffiMemory } from "./koffi-memory.ts";

/**
 * Everything that this project asks of the C library, in one place. A call that fails throws a system error like Node's
 * own (`code` "EADDRINUSE", `syscall` "bind"), unless its docstring says that it returns the negative errno.
 */
export interface Libc {
  /** Closed on exec. It may block, but only `receive` with `wait` ever does. */
  socket(family: number): number;
  bind(descriptor: number, address: Uint8Array): void;
  connect(descriptor: number, address: Uint8Array): void;
  /** Fills `address` and returns its length in bytes. */
  getsockname(descriptor: number, address: Uint8Array): number;
  setOption(descriptor: number, level: number, option: number, value: OptionValue): void;
  /** An option whose value is an int. */
  getOption(descriptor: number, level: number, option: number): number;
  /** The part of the socket's send buffer that is in use, from 0 to 1 and a little over it; 0 if it is not known. */
  sendBufferUse(descriptor: number): number;
  /** `address` is the address of the bytes in memory, see `addressOf`. Bytes taken, or the negative errno. */
  send(descriptor: number, address: number, length: number): number;
  /** Bytes received, or the negative errno. With `wait` as long as the socket's receive timeout. */
  receive(descriptor: number, address: number, length: number, wait: boolean): number;
  /** `header` is a struct msghdr. Bytes received, or the negative errno. */
  receiveMessage(descriptor: number, header: Uint8Array): number;
  /** `header` is a struct msghdr. Bytes taken, or the negative errno. */
  sendMessage(descriptor: number, header: Uint8Array): number;
  /**
   * At the address `headers` are `count` structs mmsghdr (recvmmsg(2)). Datagrams received, or the negative errno. With `wait` as long
   * as the socket's receive timeout for the first one.
   */
  receiveMessages(descriptor: number, headers: number, count: number, wait: boolean): number;
  /** The same to send (sendmmsg(2)). Datagrams taken, or the negative errno of the first one. */
  sendMessages(descriptor: number, headers: number, count: number): number;
  epollCreate(): number;
  epollControl(epoll: number, operation: number, descriptor: number, event: Uint8Array): void;
  /** Fills `events` and returns how many came; waits for `timeoutMs` at most. */
  epollWait(epoll: number, events: Uint8Array, capacity: number, timeoutMs: number): number;
  /** Sets up an io_uring; the kernel fills in the rest of `parameters`, a struct io_uring_params. */
  ringSetup(entries: number, parameters: Uint8Array): number;
  /** Hands over `entries` of them. Returns how many were taken, or the negative errno. */
  ringEnter(ring: number, entries: number): number;
  /** Maps a part of what the descriptor stands for, to be read and written. Returns its address. */
  map(descriptor: number, length: number, offset: number): number;
  /** A `view` of it must not be used any more. */
  unmap(address: number, length: number): void;
  /** Memory that is not JavaScript's. */
  view(address: number, length: number): ArrayBuffer;
  /** Another descriptor of the same, closed on exec (fcntl(2), F_DUPFD_CLOEXEC). */
  copy(descriptor: number): number;
  /** Makes `target` another name of `descriptor`, and closes what it was. */
  duplicate(descriptor: number, target: number): void;
  close(descriptor: number): void;
  /** The address of a buffer's bytes, fixed as long as it lives. Below 2^53: a process has 2^47 or 2^52 bytes. */
  addressOf(bytes: ArrayBufferLike): number;
}

/**
 * Unmaps what is in the table `mapped`, which other threads have left, and enters in it from then on what this thread
 * maps, and what koffi has mapped for it.
 * @throws if koffi's addon is not installed, or does not load.
 */
export async function loadLibc(mapped?: MappedMemory): Promise<Libc> {
  const koffi = await loadKoffi();
  // The C library is loaded already, whatever its file is called: Node runs on it.
  const library = koffi.load(null);
  const declare = <Signature extends (...args: never[]) => number>(
    name: string,
    result: string,
    parameters: string[],
  ): KoffiFunc<Signature> => library.func(name, result, parameters) as KoffiFunc<Signature>;

  const socket = declare<(family: number, type: number, protocol: number) => number>("socket", "int", ints(3));
  const bind = declare<AddressCall>("bind", "int", ["int", "void *", "uint"]);
  const connect = declare<AddressCall>("connect", "int", ["int", "void *", "uint"]);
  const getsockname = declare<(descriptor: number, address: Uint8Array, length: Uint32Array) => number>(
    "getsockname",
    "int",
    ["int", "void *", "void *"],
  );
  const setsockopt = declare<
    (descriptor: number, level: number, option: number, value: OptionValue, length: number) => number
  >("setsockopt", "int", ["int", "int", "int", "void *", "uint"]);
  const getsockopt = declare<
    (descriptor: number, level: number, option: number, value: Int32Array, length: Uint32Array) => number
  >("getsockopt", "int", ["int", "int", "int", "void *", "void *"]);
  // A number in place of a view of the bytes: none has to be made for each block.
  const send = declare<BytesCall>("send", "intptr_t", ["int", "uintptr_t", "size_t", "int"]);
  const recv = declare<BytesCall>("recv", "intptr_t", ["int", "uintptr_t", "size_t", "int"]);
  const recvmsg = declare<MessageCall>("recvmsg", "intptr_t", ["int", "void *", "int"]);
  const sendmsg = declare<MessageCall>("sendmsg", "intptr_t", ["int", "void *", "int"]);
  const recvmmsg = declare<
    (descriptor: number, headers: number, count: number, flags: number, timeout: null) => number
  >("recvmmsg", "int", ["int", "uintptr_t", "uint", "int", "void *"]);
  const sendmmsg = declare<(descriptor: number, headers: number, count: number, flags: number) => number>(
    "sendmmsg",
    "int",
    ["int", "uintptr_t", "uint", "int"],
  );
  const epollCreate = declare<(flags: number) => number>("epoll_create1", "int", ["int"]);
  const epollControl = declare<(epoll: number, operation: number, descriptor: number, event: Uint8Array) => number>(
    "epoll_ctl",
    "int",
    ["int", "int", "int", "void *"],
  );
  const epollWait = declare<(epoll: number, events: Uint8Array, capacity: number, timeoutMs: number) => number>(
    "epoll_wait",
    "int",
    ["int", "void *", "int", "int"],
  );
  // glibc has no io_uring calls of its own.
  const ringSetup = declare<(number: number, entries: number, parameters: Uint8Array) => number>("syscall", "long", [
    "long",
    "uint",
    "void *",
  ]);
  const ringEnter = declare<
    (number: number, ring: number, submit: number, complete: number, flags: number, mask: null, size: number) => number
  >("syscall", "long", ["long", "int", "uint", "uint", "uint", "void *", "size_t"]);
  const mmap = declare<
    (hint: null, length: number, access: number, flags: number, descriptor: number, offset: number) => number
  >("mmap", "intptr_t", ["void *", "size_t", "int", "int", "int", "long"]);
  const munmap = declare<(address: number, length: number) => number>("munmap", "int", ["uintptr_t", "size_t"]);
  // Variadic: the third argument is an int for this command.
  const fcntl = library.func("int fcntl(int, int, ...)");
  const dup3 = declare<(descriptor: number, target: number, flags: number) => number>("dup3", "int", ints(3));
  const close = declare<(descriptor: number) => number>("close", "int", ["int"]);

  const orThrow = (result: number, syscall: string): number => {
    if (result < 0) throw systemError(koffi.errno(), syscall);
    return result;
  };
  const orErrno = (result: number): number => (result < 0 ? -koffi.errno() : result);

  const unmap = (address: number, length: number): void => {
    mapped?.delete(address);
    orThrow(munmap(address, length), "munmap");
  };
  for (const { address, length } of mapped?.regions ?? []) unmap(address, length);
  if (mapped) for (const region of findKoffiMemory(koffi, library)) mapped.add(region);

  /** Of the last `sendBufferUse`: it is asked for with each transfer that shares the well-known port. */
  const memoryInfo = new Int32Array(9);

  return {
    socket: (family) => orThrow(socket(family, SOCK_DGRAM_CLOEXEC, 0), "socket"),
    bind: (descriptor, address) => void orThrow(bind(descriptor, address, address.length), "bind"),
    connect: (descriptor, address) => void orThrow(connect(descriptor, address, address.length), "connect"),
    getsockname: (descriptor, address) => {
      const length = Uint32Array.of(address.length);
      orThrow(getsockname(descriptor, address, length), "getsockname");
      return length[0] ?? 0;
    },
    setOption: (descriptor, level, option, value) =>
      void orThrow(setsockopt(descriptor, level, option, value, value.byteLength), "setsockopt"),
    getOption: (descriptor, level, option) => {
      const value = new Int32Array(1);
      orThrow(getsockopt(descriptor, level, option, value, Uint32Array.of(value.byteLength)), "getsockopt");
      return value[0] ?? 0;
    },
    sendBufferUse: (descriptor) => {
      // linux/sock_diag.h: SK_MEMINFO_WMEM_ALLOC is the third, SK_MEMINFO_SNDBUF the fourth.
      const result = getsockopt(descriptor, SOL_SOCKET, SO_MEMINFO, memoryInfo, Uint32Array.of(memoryInfo.byteLength));
      const used = memoryInfo[2] ?? 0;
      const size = memoryInfo[3] ?? 0;
      return result < 0 || size <= 0 ? 0 : used / size;
    },
    send: (descriptor, address, length) => orErrno(send(descriptor, address, length, MSG_DONTWAIT | MSG_NOSIGNAL)),
    receive: (descriptor, address, length, wait) => orErrno(recv(descriptor, address, length, wait ? 0 : MSG_DONTWAIT)),
    receiveMessage: (descriptor, header) => orErrno(recvmsg(descriptor, header, MSG_DONTWAIT)),
    sendMessage: (descriptor, header) => orErrno(sendmsg(descriptor, header, MSG_DONTWAIT | MSG_NOSIGNAL)),
    receiveMessages: (descriptor, headers, count, wait) =>
      orErrno(recvmmsg(descriptor, headers, count, wait ? MSG_WAITFORONE : MSG_DONTWAIT, null)),
    sendMessages: (descriptor, headers, count) =>
      orErrno(sendmmsg(descriptor, headers, count, MSG_DONTWAIT | MSG_NOSIGNAL)),
    epollCreate: () => orThrow(epollCreate(CLOEXEC), "epoll_create1"),
    epollControl: (epoll, operation, descriptor, event) =>
      void orThrow(epollControl(epoll, operation, descriptor, event), "epoll_ctl"),
    epollWait: (epoll, events, capacity, timeoutMs) => epollWait(epoll, events, capacity, timeoutMs),
    ringSetup: (entries, parameters) => orThrow(ringSetup(SYS_IO_URING_SETUP, entries, parameters), "io_uring_setup"),
    ringEnter: (ring, entries) => orErrno(ringEnter(SYS_IO_URING_ENTER, ring, entries, 0, 0, null, 0)),
    map: (descriptor, length, offset) => {
      const address = orThrow(mmap(null, length, PROT_READ_WRITE, MAP_SHARED_POPULATE, descriptor, offset), "mmap");
      mapped?.add({ address, length });
      return address;
    },
    unmap,
    view: (address, length) => koffi.view(BigInt(address), length),
    copy: (descriptor) => orThrow(fcntl(descriptor, F_DUPFD_CLOEXEC, "int", 0) as number, "fcntl"),
    duplicate: (descriptor, target) => void orThrow(dup3(descriptor, target, CLOEXEC), "dup3"),
    close: (descriptor) => void orThrow(close(descriptor), "close"),
    addressOf: (bytes) => Number(koffi.address(bytes)),
  };
}

/** An int, a struct timeval, or text. */
type OptionValue = Int32Array | BigInt64Array | Uint8Array;
type AddressCall = (descriptor: number, address: Uint8Array, length: number) => number;
type BytesCall = (descriptor: number, address: number, length: number, flags: number) => number;
type MessageCall = (descriptor: number, header: Uint8Array, flags: number) => number;

function ints(count: number): string[] {
  return Array.from({ length: count }, () => "int");
}

/** An error as Node itself makes them for system calls. */
export function systemError(errno: number, syscall: string): NodeJS.ErrnoException {
  const code = getSystemErrorName(-errno);
  return Object.assign(new Error(`${syscall} ${code}`), { errno: -errno, code, syscall });
}
