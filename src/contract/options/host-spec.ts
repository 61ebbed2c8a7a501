import { isNumericAddress } from "./address-range.ts";
import { integer, type OptionRule } from "./option-rules.ts";

export type AddressFamily = "IPv4" | "IPv6";

/** What one entry of the option `host` stands for. */
export type HostSpec =
  /** "": the address that the default route leaves from. */
  | { readonly kind: "default-route"; readonly text: string }
  /** "*": all addresses of both families. */
  | { readonly kind: "all"; readonly text: string }
  /** A numeric address, also a wildcard. */
  | { readonly kind: "address"; readonly text: string }
  /** The addresses of an interface, of both families if `family` is undefined. */
  | {
      readonly kind: "interface";
      readonly text: string;
      readonly name: string;
      readonly family: AddressFamily | undefined;
    };

/** The most entries of a list. */
const MAX_HOSTS = 256;
/** Windows has names with spaces, such as "Ethernet 2"; what begins as an IPv4 address is a mistyped one. */
const INTERFACE =
  /^(?!\d+(?:\.|$))(?!localhost$)([^\s/:%,*"](?:[^\p{Cc}\p{Zl}\p{Zp}/:%,*"]{0,62}[^\s/:%,*"])?)(?::([46]))?$/iu;

const EXPECTED =
  'a numeric IPv4 or IPv6 address, an interface ("eth1", or "eth1:4" and "eth1:6" for one family), "*" or "", ' +
  "or an array of them";

/** The entries of the option `host`, in their order; what is repeated counts once. */
export function hostsOf(host: string | readonly string[]): readonly string[] {
  return [...new Set(typeof host === "string" ? [host] : host)];
}

/** Undefined if the text is none of them. Whether there is such an address or interface is seen at the bind. */
export function parseHost(text: string): HostSpec | undefined {
  if (text === "") return { kind: "default-route", text };
  if (text === "*") return { kind: "all", text };
  if (isNumericAddress(text)) return { kind: "address", text };
  const [, name, family] = INTERFACE.exec(text) ?? [];
  if (name === undefined) return undefined;
  return { kind: "interface", text, name, family: family === undefined ? undefined : `IPv${family as "4" | "6"}` };
}

/** The rule of the option `host`. */
export function hosts(): OptionRule<string | readonly string[]> {
  const entry = { type: "string", pattern: String.raw`^[^/,"\s]*( [^/,"\s]+)*$` };
  return {
    fallback: "",
    expected: EXPECTED,
    accepts: (value): value is string | readonly string[] => {
      if (Array.isArray(value)) return value.length > 0 && value.length <= MAX_HOSTS && value.every(isHost);
      return isHost(value);
    },
    schema: { anyOf: [entry, { type: "array", minItems: 1, maxItems: MAX_HOSTS, items: entry }] },
  };
}

/** The rule of the option `bindDevice`. */
export function device(): OptionRule<string | undefined> {
  return {
    fallback: undefined,
    // IFNAMSIZ of Linux, without the NUL at the end.
    expected: "the name of a network device, of 1 to 15 characters without / and white space",
    accepts: (value): value is string => typeof value === "string" && /^(?!\.\.?$)[^\s/\0]{1,15}$/.test(value),
    schema: { type: "string", minLength: 1, maxLength: 15 },
  };
}

/** The rule of the option `waitForAddress`. */
export function wait(): OptionRule<boolean | number> {
  const number = integer(0, 0, 2_147_483_647);
  return {
    fallback: false,
    expected: `true, false or ${number.expected}`,
    accepts: (value): value is boolean | number => typeof value === "boolean" || number.accepts(value),
    schema: { anyOf: [{ type: "boolean" }, number.schema] },
  };
}

/** The option `waitForAddress` in ms; Infinity: as long as it takes. */
export function waitMs(waitForAddress: boolean | number): number {
  if (typeof waitForAddress === "number") return waitForAddress;
  return waitForAddress ? Infinity : 0;
}

function isHost(value: unknown): value is string {
  return typeof value === "string" && parseHost(value) !== undefined;
}
