import { crc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import { addTap, firmwareIsAbsent, VirtualMachine } from "../helpers/network/firmware.ts";
import { networksAreAbsent } from "../helpers/network/lab.ts";
import { sharedNetwork } from "../helpers/network/network.ts";
import { startNetworkServer } from "../helpers/network/network-server.ts";
import { noise } from "../helpers/raw-content.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

const QEMU = "qemu-system-aarch64";
/** Of Debian's u-boot-qemu. */
const IMAGE = "/usr/lib/u-boot/qemu_arm64/u-boot.bin";
const LOAD = "0x41000000";
const file = "Image";
const content = noise(1_000_000);

describe.skipIf(networksAreAbsent() || firmwareIsAbsent(QEMU, IMAGE))("U-Boot in a virtual machine", () => {
  describeOnEachTransport("on a network of its own", (transport) => {
    const network = sharedNetwork();

    test("U-Boot loads a file in lock-step and in windows, and is told of one that is missing", async () => {
      const machine = ["-M", "virt", "-cpu", "cortex-a57", "-m", "256", "-bios", IMAGE];
      const card = ["-device", "virtio-net-pci,netdev=n,romfile="];
      await addTap(network.server, "10.9.8.1/24");
      const server = await startNetworkServer(network.server, { transport, host: "10.9.8.1" }, { [file]: content });
      // It waits a few seconds only for a key.
      const board = VirtualMachine.boot(network.server, QEMU, ...machine, ...card);
      const run = async (...commands: string[]): Promise<string> => {
        let output = "";
        for (const command of commands) {
          board.type(command);
          output = await board.shows(/\n=> /);
        }
        return output;
      };
      await board.shows(/stop autoboot/);
      board.type("");
      await board.shows(/=> /);
      await run("setenv ipaddr 10.9.8.9", "setenv netmask 255.255.255.0", "setenv serverip 10.9.8.1");
      for (const [blockSize, windowSize] of [
        [512, 1],
        [1_468, 1],
        [1_468, 16],
      ]) {
        await run(`setenv tftpblocksize ${blockSize}`, `setenv tftpwindowsize ${windowSize}`);
        const since = server.lines.length;
        expect(await run(`tftpboot ${LOAD} ${file}`)).toContain(`Bytes transferred = ${content.length} `);
        expect(await run(`crc32 ${LOAD} 0x${content.length.toString(16)}`)).toContain(checksum(content));
        expect(await server.endOf(file, since)).toMatchObject({ outcome: "complete", blockSize, windowSize });
      }
      expect(await run(`tftpboot ${LOAD} missing`)).toContain("TFTP error: 'File not found' (1)");
    });
  });
});

/** Node 20.15 and later have crc32; its types do not. */
function checksum(bytes: Buffer): string {
  return (crc32(bytes) >>> 0).toString(16).padStart(8, "0");
}
