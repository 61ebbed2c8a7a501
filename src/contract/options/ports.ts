/** UDP ports, both ends included: 1 to 65535, `from` at most `to`. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Where transfers leave from: each from a port of its own that the system picks ("own"), all from the well-known port
 * ("single"), or each from a port of its own of that range.
 */
export type PortsPolicy = "own" | "single" | PortRange;

const HIGHEST = 65_535;

export function isPortRange(value: unknown): value is PortRange {
  if (typeof value !== "object" || value === null) return false;
  const { from, to, ...rest } = value as Partial<PortRange>;
  return isPort(from) && isPort(to) && from <= to && Object.keys(rest).length === 0;
}

/**
 * Reads the form that configuration files and the command line have: "own", "single", "50000-50100". What is none of
 * these comes back as it is, so that the option's rule can complain of it.
 */
export function parsePorts(text: string): unknown {
  const [, from, to] = /^\s*(\d{1,5})\s*-\s*(\d{1,5})\s*$/.exec(text) ?? [];
  const range = { from: Number(from), to: Number(to) };
  return isPortRange(range) ? range : text;
}

/** The same form. */
export function formatPorts(ports: PortsPolicy): string {
  return typeof ports === "string" ? ports : `${ports.from}-${ports.to}`;
}

function isPort(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= HIGHEST;
}
