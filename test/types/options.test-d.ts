import { expectTypeOf, test } from "vitest";
import { Tftp, type TftpOptions } from "../../src/index.ts";

test("every option may be left out", () => {
  expectTypeOf<typeof Tftp>().toBeConstructibleWith();
  expectTypeOf<typeof Tftp>().toBeConstructibleWith({});
});

test("no option takes a value of another type, and there is none of another name", () => {
  // @ts-expect-error -- a number is wanted
  const port: TftpOptions = { port: "69" };
  // @ts-expect-error -- one of three words is wanted
  const symlinks: TftpOptions = { symlinks: "some" };
  // @ts-expect-error -- misspelt
  const misspelt: TftpOptions = { rootDirectory: "/srv" };
  expectTypeOf([port, symlinks, misspelt]).toBeArray();
});

declare const tftp: Tftp;

test("only what may change while it runs can be reconfigured", () => {
  void tftp.reconfigure({ maxTransfers: 1, allow: ["192.0.2.0/24"] });
  // @ts-expect-error -- a bound port stays
  void tftp.reconfigure({ port: 69 });
  expectTypeOf<Tftp["reconfigure"]>().returns.resolves.toBeVoid();
});
