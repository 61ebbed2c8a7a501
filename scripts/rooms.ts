/**
 * The rooms of src/, and which room may import which. An import against the table, an import cycle (type-only ones
 * included), or a file outside every room fails `npm run check`. docs/architecture.md shows the same table.
 *
 *   node --import tsx scripts/rooms.ts           checks src/, and the table in docs/architecture.md
 *   node --import tsx scripts/rooms.ts --write   writes the table there, between its two marks
 *   node --import tsx scripts/rooms.ts --print   prints the table
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { findCycles, readImports, type SourceImport } from "./imports.ts";
import { isSamePage } from "./markdown.ts";

export interface Room {
  /** A directory of src/, or a door beside the directories. */
  readonly path: string;
  /** What it is for. */
  readonly purpose: string;
  /** The rooms that it may import, itself aside. */
  readonly mayImport: readonly string[];
  /** False if it may import nothing from outside src/: no module of Node's, no package. Default true. */
  readonly external?: false;
}

/** Whatever a room needs of both threads. */
const BASE = ["contract", "shared"] as const;

/** From the top down: no room imports one above it. */
export const rooms: readonly Room[] = [
  {
    path: "index.ts",
    purpose: "the door of the package: the library",
    mayImport: ["main", "contract"],
  },
  {
    path: "metrics.ts",
    purpose: "the door of tftp-driver/metrics",
    mayImport: ["metrics"],
  },
  {
    path: "jumpstarter.ts",
    purpose: "the door of tftp-driver/jumpstarter",
    mayImport: ["jumpstarter", "status", "contract"],
  },
  {
    path: "cli",
    purpose: "the command: tftp-driver serve, get, export and shell, and the terminal",
    mayImport: ["ui", "metrics", "jumpstarter", "main", "status", ...BASE],
  },
  {
    path: "ui",
    purpose: "the live page: HTTP, server-sent events",
    mayImport: ["status", ...BASE],
  },
  {
    path: "metrics",
    purpose: "metrics for prom-client",
    // Its types: of an exporter only events are used.
    mayImport: ["jumpstarter", "main", "status", ...BASE],
  },
  {
    path: "jumpstarter",
    purpose: "the exporter: drivers for the clients of Jumpstarter, by gRPC",
    mayImport: ["main", "status", ...BASE],
  },
  {
    path: "main",
    purpose: "the library, in the caller's thread",
    mayImport: ["status", "object-store/client", ...BASE],
  },
  {
    path: "status",
    purpose: "events as people read them: words, severity, totals; no terminal, no HTML, no thread",
    mayImport: ["contract"],
    external: false,
  },
  {
    path: "worker/entry.ts",
    purpose: "the start of the server's thread",
    mayImport: ["worker/server", ...BASE],
  },
  {
    path: "worker/server",
    purpose: "made at start, torn down at stop",
    mayImport: [
      "worker/requests",
      "worker/transfers",
      "worker/content",
      "worker/transport",
      "object-store/client",
      ...BASE,
    ],
  },
  {
    path: "worker/requests",
    purpose: "the well-known port: admit, refuse, drop",
    mayImport: ["worker/transfers", "worker/content", "worker/transport", "worker/protocol", ...BASE],
  },
  {
    path: "worker/transfers",
    purpose: "a running transfer: I/O around the state machine",
    mayImport: ["worker/content", "worker/transport", "worker/protocol", ...BASE],
  },
  {
    path: "worker/content",
    purpose: "what is served: directories, virtual files, objects, and the blocks read ahead",
    mayImport: ["worker/protocol", "object-store/client", ...BASE],
  },
  {
    path: "worker/transport",
    purpose: "datagrams in and out: Node's dgram, Linux system calls",
    mayImport: [...BASE],
  },
  {
    path: "worker/protocol",
    purpose: "TFTP without I/O: packets, negotiation, the state machine of a transfer",
    mayImport: ["contract"],
    external: false,
  },
  {
    path: "object-store/process",
    purpose: "OpenDAL, in a process of its own",
    mayImport: ["object-store/client"],
  },
  {
    path: "object-store/client",
    purpose: "the object store, as both threads call it",
    mayImport: [...BASE],
  },
  {
    path: "shared",
    purpose: "small helpers of Node's for both threads",
    mayImport: ["contract"],
  },
  {
    path: "contract",
    purpose: "what crosses the thread boundary: types and pure functions",
    mayImport: [],
    external: false,
  },
  {
    path: "types",
    purpose: "declarations for packages that ship none",
    mayImport: [],
  },
];

/** What is wrong with these imports of files under src/, one line each. */
export function violations(imports: readonly SourceImport[]): string[] {
  return [...imports.flatMap((each) => complaint(each) ?? []), ...findCycles(imports).map(describeCycle)];
}

function complaint({ from, to, line }: SourceImport): string | undefined {
  const room = roomOf(from);
  const place = `src/${from}:${line}`;
  if (!room) return `${place}: the file is in no room of scripts/rooms.ts`;
  if (!to.startsWith(".")) {
    return room.external === false ? `${place}: ${room.path} must not import ${to}` : undefined;
  }
  const path = to.slice(2);
  const target = roomOf(path);
  if (!target) return `${place}: imports src/${path}, which is in no room of scripts/rooms.ts`;
  if (target === room || room.mayImport.includes(target.path)) return undefined;
  const allowed = room.mayImport.length > 0 ? room.mayImport.join(", ") : "nothing else";
  return `${place}: ${room.path} must not import ${target.path} (src/${path}); it may import ${allowed}`;
}

function describeCycle(files: readonly string[]): string {
  return `import cycle: ${[...files, files[0]].map((file) => `src/${file}`).join(" -> ")}`;
}

/** The room with the longest path that fits. */
function roomOf(file: string): Room | undefined {
  return rooms
    .filter(({ path }) => file === path || file.startsWith(`${path}/`))
    .toSorted((one, other) => other.path.length - one.path.length)[0];
}

/** The table as Markdown. */
export function table(): string {
  const rows = rooms.map(({ path, purpose, mayImport, external }) => {
    const imports = mayImport.length > 0 ? mayImport.map((name) => `\`${name}\``).join(", ") : "nothing";
    return `| \`src/${path}\` | ${purpose} | ${imports}${external === false ? "; no module of Node's, no package" : ""} |`;
  });
  return ["| room | what it is for | it may import |", "| --- | --- | --- |", ...rows].join("\n");
}

const MARKS = ["<!-- rooms: written by `npm run docs:rooms` -->", "<!-- rooms: end -->"] as const;
const PAGE = new URL("../docs/architecture.md", import.meta.url);

/** The page with the table between its marks; undefined if it has no marks. */
export function withTable(page: string): string | undefined {
  const [begin, end] = [page.indexOf(MARKS[0]), page.indexOf(MARKS[1])];
  if (begin === -1 || end < begin) return undefined;
  return `${page.slice(0, begin)}${MARKS[0]}\n\n${table()}\n\n${page.slice(end)}`;
}

/** Writes the page, or says what is wrong with it. */
function checkPage(write: boolean): string[] {
  const page = readFileSync(PAGE, "utf8");
  const wanted = withTable(page);
  if (wanted === undefined) return [`docs/architecture.md: expected the lines ${MARKS.join(" and ")} around the table`];
  if (write) writeFileSync(PAGE, wanted);
  return write || isSamePage(page, wanted) ? [] : ["docs/architecture.md: out of date; run npm run docs:rooms"];
}

function main(option: string | undefined): number {
  if (option === "--print") {
    console.log(`${MARKS[0]}\n\n${table()}\n\n${MARKS[1]}`);
    return 0;
  }
  const found = violations(readImports(new URL("../src/", import.meta.url)));
  if (existsSync(PAGE)) found.push(...checkPage(option === "--write"));
  for (const line of found) console.error(line);
  return found.length === 0 ? 0 : 1;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = main(process.argv[2]);
}
