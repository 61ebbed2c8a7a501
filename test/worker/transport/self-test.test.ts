import { createSocket } from "node:dgram";
import { constants } from "node:os";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { DescriptorLedger } from "../../../src/worker/transport/linux/system/descriptor-ledger.ts";
import { DgramTransport } from "../../../src/worker/transport/dgram/dgram.ts";
import { loadLibc, systemError } from "../../../src/worker/transport/linux/system/libc.ts";
import { NativeTransport } from "../../../src/worker/transport/linux/native.ts";
import { LoopbackUnusable, selfTest } from "../../../src/worker/transport/self-test.ts";
import type { Transport } from "../../../src/worker/transport/transport.ts";
import { transports } from "../../helpers/raw-transports.ts";

test("one round of the self-test in which nothing arrives is enough, and is reported as loopback's fault", async () => {
  let rounds = 0;
  const deaf = faulty((transport) => ({
    open: async (...ends) => {
      rounds++;
      const channel = await transport.open(...ends);
      channel.send = (_bytes, _offset, length) => length;
      return channel;
    },
  }));
  await expect(selfTest(deaf)).rejects.toThrow(
    new LoopbackUnusable("loopback self-test: no datagram arrived: loopback is filtered or down"),
  );
  expect(rounds).toBe(1);
});

test("a connect that the network refuses is reported as loopback's fault, with the error", async () => {
  const down = faulty(() => ({
    open: async () => {
      throw systemError(constants.errno.ENETUNREACH, "connect");
    },
  }));
  await expect(selfTest(down)).rejects.toThrow(new LoopbackUnusable("loopback self-test: connect ENETUNREACH"));
});

test("datagrams that arrive otherwise than they were sent are reported as the transport's fault", async () => {
  const cutter = faulty((transport) => ({
    open: async (...ends) => {
      const channel = await transport.open(...ends);
      const send = channel.send.bind(channel);
      channel.send = (bytes, offset, length) => send(bytes, offset, length, 125);
      return channel;
    },
  }));
  const failure = selfTest(cutter);
  await expect(failure).rejects.toThrow("expected [100 bytes 0 from");
  await expect(failure).rejects.not.toBeInstanceOf(LoopbackUnusable);
});

test.runIf(transports.includes("native"))("a self-test that fails leaves nothing open", async () => {
  const ledger = new DescriptorLedger();
  const transport = new NativeTransport(await loadLibc(), ledger, () => true);
  const open = transport.open.bind(transport);
  transport.open = async (...ends) => {
    const channel = await open(...ends);
    channel.send = () => 0;
    return channel;
  };
  await expect(selfTest(transport)).rejects.toThrow(LoopbackUnusable);
  transport.close();
  expect(ledger.open).toEqual([]);
});

test.each(transports)(
  "the self-test of %s passes over datagrams of strangers, such as late ones to the port's last owner",
  async (name) => {
    const transport = name === "native" ? await nativeTransport() : new DgramTransport();
    onTestFinished(() => transport.close());
    const listen = transport.listen.bind(transport);
    transport.listen = async (...what) => {
      const listener = await listen(...what);
      const stranger = createSocket("udp4");
      onTestFinished(() => void stranger.close());
      await promisify<Buffer, number, string>(stranger.send.bind(stranger))(
        Buffer.alloc(64),
        listener.bound.port,
        listener.bound.address,
      );
      return listener;
    };
    await expect(selfTest(transport)).resolves.toBeUndefined();
  },
);

async function nativeTransport(): Promise<NativeTransport> {
  return new NativeTransport(await loadLibc(), new DescriptorLedger(), () => true);
}

function faulty(fault: (transport: Transport) => Partial<Transport>): Transport {
  const transport = new DgramTransport();
  onTestFinished(() => transport.close());
  return {
    name: "dgram",
    listen: (...what) => transport.listen(...what),
    adopt: (...what) => transport.adopt(...what),
    open: (...ends) => transport.open(...ends),
    interfaces: () => transport.interfaces(),
    watchInterfaces: () => transport.watchInterfaces(),
    canBind: (address) => transport.canBind(address),
    close: () => transport.close(),
    ...fault(transport),
  };
}
