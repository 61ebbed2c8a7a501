import { describe, expect, test } from "vitest";
import { noise } from "../helpers/raw-content.ts";
import { ack, data, oack, type RequestShape } from "../helpers/raw-packets.ts";
import { sharedServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

type Options = NonNullable<RequestShape["options"]>;

const content = noise(3_000);
const files = { "a.bin": content, "empty.bin": "", "text.txt": "a\nb\n" };

describeOnEachTransport("options", (transport) => {
  const server = sharedServer({ transport, maxWindowSize: 64 }, files);

  /** The OACK that the request must draw, byte by byte. */
  const grants: readonly (readonly [title: string, asked: Options, granted: Options])[] = [
    ["blksize 1468", [["blksize", "1468"]], [["blksize", "1468"]]],
    ["blksize 512, the default, is confirmed", [["blksize", "512"]], [["blksize", "512"]]],
    ["blksize 8, the least", [["blksize", "8"]], [["blksize", "8"]]],
    ["blksize 65464, the most", [["blksize", "65464"]], [["blksize", "65464"]]],
    ["blksize 65465 becomes the most", [["blksize", "65465"]], [["blksize", "65464"]]],
    ["blksize 99999999999999999999 becomes the most", [["blksize", "99999999999999999999"]], [["blksize", "65464"]]],
    ["windowsize 1, the default, is confirmed", [["windowsize", "1"]], [["windowsize", "1"]]],
    ["windowsize 64", [["windowsize", "64"]], [["windowsize", "64"]]],
    ["windowsize 65 becomes maxWindowSize", [["windowsize", "65"]], [["windowsize", "64"]]],
    ["windowsize 65535 becomes maxWindowSize", [["windowsize", "65535"]], [["windowsize", "64"]]],
    ["timeout 1", [["timeout", "1"]], [["timeout", "1"]]],
    ["timeout 255", [["timeout", "255"]], [["timeout", "255"]]],
    ["utimeout 10000, the least", [["utimeout", "10000"]], [["utimeout", "10000"]]],
    ["utimeout 255000000, the most", [["utimeout", "255000000"]], [["utimeout", "255000000"]]],
    ["rollover 0, the default, is confirmed", [["rollover", "0"]], [["rollover", "0"]]],
    ["rollover 1", [["rollover", "1"]], [["rollover", "1"]]],
    ["tsize 0", [["tsize", "0"]], [["tsize", "3000"]]],
    ["tsize with another value", [["tsize", "4711"]], [["tsize", "3000"]]],
    ["tsize with no number", [["tsize", "?"]], [["tsize", "3000"]]],
    ["tsize with an empty value", [["tsize", ""]], [["tsize", "3000"]]],
    [
      "names in upper case",
      [
        ["BLKSIZE", "1024"],
        ["TSize", "0"],
      ],
      [
        ["blksize", "1024"],
        ["tsize", "3000"],
      ],
    ],
    [
      "all four, in the order asked",
      [
        ["windowsize", "4"],
        ["tsize", "0"],
        ["blksize", "1024"],
        ["timeout", "5"],
      ],
      [
        ["windowsize", "4"],
        ["tsize", "3000"],
        ["blksize", "1024"],
        ["timeout", "5"],
      ],
    ],
    [
      "all four, in another order",
      [
        ["timeout", "3"],
        ["blksize", "1468"],
        ["windowsize", "16"],
        ["tsize", "0"],
      ],
      [
        ["timeout", "3"],
        ["blksize", "1468"],
        ["windowsize", "16"],
        ["tsize", "3000"],
      ],
    ],
    [
      "unknown ones between known ones are left out",
      [
        ["multicast", ""],
        ["tsize", "0"],
        ["x-board", "7"],
        ["blksize", "1024"],
        ["rollover", "2"],
      ],
      [
        ["tsize", "3000"],
        ["blksize", "1024"],
      ],
    ],
    [
      "a senseless one beside a sound one is left out",
      [
        ["blksize", "7"],
        ["tsize", "0"],
      ],
      [["tsize", "3000"]],
    ],
    // What real clients send, option by option.
    [
      "curl",
      [
        ["tsize", "0"],
        ["blksize", "512"],
        ["timeout", "6"],
      ],
      [
        ["tsize", "3000"],
        ["blksize", "512"],
        ["timeout", "6"],
      ],
    ],
    [
      "npm tftp, whose timeout is in milliseconds",
      [
        ["blksize", "1468"],
        ["timeout", "3000"],
        ["windowsize", "4"],
        ["rollover", "0"],
        ["tsize", "0"],
      ],
      [
        ["blksize", "1468"],
        ["windowsize", "4"],
        ["rollover", "0"],
        ["tsize", "3000"],
      ],
    ],
    [
      "U-Boot",
      [
        ["timeout", "5"],
        ["blksize", "1468"],
        ["windowsize", "8"],
      ],
      [
        ["timeout", "5"],
        ["blksize", "1468"],
        ["windowsize", "8"],
      ],
    ],
  ];

  test.each(grants)("the OACK is exact: %s", async (_, asked, granted) => {
    const client = await server.client();
    expect((await client.request("a.bin", { options: asked })).bytes).toEqual(oack(...granted));
  });

  const ignored: Options = [
    ...["7", "0", "-8", "+512", "0x200", "512 ", " 512", "5e2", "512.0", "", "abc", "512,", "٥١٢"].map(
      (value) => ["blksize", value] as const,
    ),
    ...["0", "256", "3000", "-1", "1.5", "", "1s", " 3"].map((value) => ["timeout", value] as const),
    ...["0", "65536", "-4", "4.0", "", "four", "0x4"].map((value) => ["windowsize", value] as const),
    ...["2", "65535", "-1", ""].map((value) => ["rollover", value] as const),
    ...["9999", "255000001", "-1", "0.5", ""].map((value) => ["utimeout", value] as const),
    ["multicast", ""],
    ["constructor", "1"],
    ["__proto__", "1"],
    ["blksize2", "1024"],
    ["", "1024"],
  ];

  test.each(ignored)("%s=%j is ignored, and no OACK is sent for it alone", async (name, value) => {
    const client = await server.client();
    expect((await client.request("a.bin", { options: [[name, value]] })).bytes).toEqual(
      data(1, content.subarray(0, 512)),
    );
  });

  test("tsize of an empty file is 0, and an empty block 1 follows", async () => {
    const client = await server.client();
    expect((await client.request("empty.bin", { options: [["tsize", "0"]] })).bytes).toEqual(oack(["tsize", "0"]));
    await client.send(ack(0));
    expect((await client.receive()).bytes).toEqual(data(1));
  });

  test("tsize in netascii is left out, or the translated size", async () => {
    const client = await server.client();
    const reply = await client.ask("text.txt", {
      mode: "netascii",
      options: [
        ["tsize", "0"],
        ["blksize", "512"],
      ],
    });
    expect(reply.kind === "oack" && ["6", undefined].includes(reply.options["tsize"])).toBe(true);
    expect(reply.kind === "oack" && reply.options["blksize"]).toBe("512");
  });

  test("the blocks have the granted block size", async () => {
    const client = await server.client();
    await client.request("a.bin", { options: [["blksize", "1000"]] });
    const payloads: Buffer[] = [];
    for (const block of [1, 2, 3, 4]) {
      await client.send(ack(block - 1));
      payloads.push(...(await client.expectBlocks(block)));
    }
    expect(payloads.map((payload) => payload.length)).toEqual([1_000, 1_000, 1_000, 0]);
    expect(Buffer.concat(payloads)).toEqual(content);
  });

  test("a missing file with options draws ERROR 1 and no OACK", async () => {
    const client = await server.client();
    expect(await client.ask("missing", { options: [["tsize", "0"]] })).toMatchObject({ kind: "error", code: 1 });
  });

  describe("what stands behind the last option", () => {
    const sound: Options = [["blksize", "1024"]];

    test.each([
      ["bytes without a NUL", "tail"],
      ["an option name without a value", "tsize\0"],
      ["an option value without its NUL", "tsize\x000"],
      ["one NUL", "\0"],
      ["padding by NULs", "\0".repeat(400)],
      ["bytes over 0x7f", Buffer.from([0xff, 0xfe, 0x80])],
    ])("%s behind the last option do not spoil the request", async (_, trailing) => {
      const client = await server.client();
      expect((await client.request("a.bin", { options: sound, trailing })).bytes).toEqual(oack(["blksize", "1024"]));
    });

    test.each([
      ["an option name without a value", "blksize\0"],
      ["an option name without its NUL", "blksize"],
      ["one NUL", "\0"],
    ])("%s behind the mode does not spoil a request", async (_, trailing) => {
      const client = await server.client();
      expect((await client.request("a.bin", { trailing })).bytes).toEqual(data(1, content.subarray(0, 512)));
    });
  });
});

describeOnEachTransport("limits of what is granted", (transport) => {
  const server = sharedServer({ transport, maxBlockSize: 1_024, maxWindowSize: 2 }, files);

  test.each([
    ["1024", "1024"],
    ["1025", "1024"],
    ["65464", "1024"],
    ["70000", "1024"],
    ["1023", "1023"],
  ])("under maxBlockSize 1024, blksize %s is granted as %s", async (asked, granted) => {
    const client = await server.client();
    expect((await client.request("a.bin", { options: [["blksize", asked]] })).bytes).toEqual(
      oack(["blksize", granted]),
    );
  });

  test("under maxWindowSize 2, windowsize 64 is granted as 2, and two blocks come at once", async () => {
    const client = await server.client();
    const reply = await client.request("a.bin", { options: [["windowsize", "64"]] });
    expect(reply.bytes).toEqual(oack(["windowsize", "2"]));
    await client.send(ack(0));
    await client.expectBlocks(1, 2);
    await client.expectNothing();
  });
});

describeOnEachTransport("windowBytes", (transport) => {
  const server = sharedServer({ transport, windowBytes: 3_000 }, files);

  test("under windowBytes 3000 a window of blksize 1000 has three blocks, and one of 1500 has two", async () => {
    for (const [blksize, windowsize] of [
      ["1000", "3"],
      ["1500", "2"],
      ["4096", "1"],
    ] as const) {
      const client = await server.client();
      const asked: Options = [
        ["windowsize", "16"],
        ["blksize", blksize],
      ];
      const granted = oack(["windowsize", windowsize], ["blksize", blksize]);
      expect((await client.request("a.bin", { options: asked })).bytes).toEqual(granted);
    }
  });

  test("under windowBytes 3000 three blocks of 1000 bytes come at once, and no more", async () => {
    const client = await server.client();
    await client.request("a.bin", {
      options: [
        ["windowsize", "16"],
        ["blksize", "1000"],
      ],
    });
    await client.send(ack(0));
    await client.expectBlocks(1, 2, 3);
    await client.expectNothing();
  });
});

describeOnEachTransport("maxBlockSize: mtu", (transport) => {
  const server = sharedServer({ transport, maxBlockSize: "mtu" }, files);

  test("over loopback, whose MTU is 65536, blksize is granted up to the most", async () => {
    const client = await server.client();
    expect((await client.request("a.bin", { options: [["blksize", "65464"]] })).bytes).toEqual(
      oack(["blksize", "65464"]),
    );
  });

  test("a request without blksize gets blocks of 512 bytes", async () => {
    const client = await server.client();
    expect((await client.request("a.bin")).bytes).toEqual(data(1, content.subarray(0, 512)));
  });
});
