import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isAbsent } from "../helpers/client-programs.ts";
import { addTap, firmwareIsAbsent, VirtualMachine } from "../helpers/network/firmware.ts";
import { networksAreAbsent } from "../helpers/network/lab.ts";
import type { Namespace } from "../helpers/network/namespace.ts";
import { sharedNetwork } from "../helpers/network/network.ts";
import { startNetworkServer } from "../helpers/network/network-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

const QEMU = "qemu-system-x86_64";
/** Of Debian's packages pxelinux, syslinux-common, ipxe and ipxe-qemu. */
const PXELINUX = "/usr/lib/PXELINUX";
const LOADER = "/usr/lib/syslinux/modules/bios/ldlinux.c32";
const IPXE = "/usr/lib/ipxe/ipxe.lkrn";
/** What QEMU gives the card by itself. */
const ROM = "/usr/lib/ipxe/qemu/efi-virtio.rom";
const isSkipped =
  networksAreAbsent() ||
  firmwareIsAbsent(QEMU, `${PXELINUX}/pxelinux.0`, LOADER, IPXE, ROM) ||
  isAbsent("dnsmasq", ["--version"]);

/** What PXELINUX boots in place of Linux: iPXE in the form of a kernel, with a script as its initrd. */
const configuration = `serial 0
default ipxe
label ipxe
  kernel vmlinuz
  append initrd=first.ipxe
`;
const firstScript = `#!ipxe
ifopen net0 || ifopen net1
dhcp
chain tftp://10.9.8.1/second.ipxe
`;
const secondScript = `#!ipxe
echo the script was fetched by \${net0/mac}
imgfetch tftp://10.9.8.1/missing || echo it knows what is missing
echo the last line of the script
poweroff || shell
`;

// lpxelinux.0 has a network stack of its own.
describe.skipIf(isSkipped).each(["pxelinux.0", "lpxelinux.0"])(
  "a PC in a virtual machine, with dnsmasq: %s",
  (first) => {
    describeOnEachTransport("on a network of its own", (transport) => {
      const network = sharedNetwork();

      test(
        "the card's PXE loads it, and it loads a kernel and its initrd: iPXE, which runs its script to the end",
        { timeout: 300_000 },
        async () => {
          const at = network.server;
          await addTap(at, "10.9.8.1/24");
          const files = {
            [first]: readFileSync(join(PXELINUX, first)),
            "ldlinux.c32": readFileSync(LOADER),
            "pxelinux.cfg/default": configuration,
            vmlinuz: readFileSync(IPXE),
            "first.ipxe": firstScript,
            "second.ipxe": secondScript,
          };
          const server = await startNetworkServer(at, { transport, host: "10.9.8.1" }, files);
          startDhcp(at, first);
          const board = VirtualMachine.boot(at, QEMU, "-m", "256", "-device", "virtio-net-pci,netdev=n,bootindex=0");
          await board.shows(/the last line of the script/, 250_000);
          expect(board.output).toContain("the script was fetched by");
          expect(board.output).toContain("it knows what is missing");
          for (const [file, content] of Object.entries(files)) {
            expect(await server.endOf(file)).toMatchObject({ outcome: "complete", bytes: content.length });
          }
        },
      );
    });
  },
);

/** As docs/recipes.md has it, without DNS and without a file of leases. */
function startDhcp(at: Namespace, file: string): void {
  const lines = ["port=0", "interface=tap0", "dhcp-range=10.9.8.50,10.9.8.99,1h", `dhcp-boot=${file},,10.9.8.1`];
  const own = ["--conf-file=/dev/null", "--keep-in-foreground", "--pid-file=", "--leasefile-ro", "--user=root"];
  at.spawn("dnsmasq", ...own, ...lines.map((line) => `--${line}`));
}
