import { expect, test } from "vitest";
import { download } from "../helpers/raw-download.ts";
import { sharedServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

// RFC 764 by way of RFC 1350: LF goes out as CR LF, CR as CR NUL.
function translated(text: string): Buffer {
  return Buffer.from(
    text.replace(/[\r\n]/g, (end) => (end === "\n" ? "\r\n" : "\r\0")),
    "latin1",
  );
}

describeOnEachTransport("netascii", (transport) => {
  const texts: Readonly<Record<string, string>> = {
    "a line": "line\n",
    "no line end": "line",
    nothing: "",
    "a bare CR": "a\rb",
    "a CR LF": "a\r\nb\r\n",
    "line ends only": "\n".repeat(700),
    "CRs only": "\r".repeat(700),
    "a pair split by the block border": `${"x".repeat(511)}\n${"y".repeat(100)}`,
    "a CR NUL split by the block border": `${"x".repeat(511)}\r${"y".repeat(100)}`,
    "a translation that fills a block exactly": `${"x".repeat(510)}\n`,
    "a translation that overflows the block by one byte": `${"x".repeat(511)}\n`,
    "bytes over 0x7f": "\u00ff\n\u00e9\r\u0080",
    "many lines": "The quick brown fox\njumps over\r\n".repeat(5_000),
  };
  const files = Object.fromEntries(
    Object.values(texts).map((text, index) => [`${index}.txt`, Buffer.from(text, "latin1")]),
  );
  const server = sharedServer({ transport }, files);

  test.each(Object.keys(texts).map((title, index) => [title, index] as const))(
    "in netascii %s is translated, and arrives whole",
    async (title, index) => {
      const client = await server.client();
      const { content } = await download(client, `${index}.txt`, { mode: "netascii" });
      expect(content.equals(translated(texts[title] ?? ""))).toBe(true);
    },
  );

  test.each([8, 9, 1_468, 65_464])("in netascii blocks of %i bytes carry the same translation", async (blockSize) => {
    const client = await server.client();
    const index = Object.keys(texts).indexOf("many lines");
    const options = [
      ["blksize", String(blockSize)],
      ["windowsize", "16"],
    ] as const;
    const { content } = await download(client, `${index}.txt`, { mode: "netascii", options });
    expect(content.equals(translated(texts["many lines"] ?? ""))).toBe(true);
  });

  test("in octet mode a text arrives as it is", async () => {
    const client = await server.client();
    const index = Object.keys(texts).indexOf("many lines");
    const { content } = await download(client, `${index}.txt`, { options: [["blksize", "1468"]] });
    expect(content.toString("latin1")).toBe(texts["many lines"]);
  });
});
