/** By name and labels, as they stand in the line. */
export type Samples = ReadonlyMap<string, number>;

/**
 * Reads Prometheus's text format, version 0.0.4.
 * @throws {Error} for a line that is none, a sample without HELP and TYPE before it, and one that comes twice.
 */
export function parseMetrics(text: string): Samples {
  const samples = new Map<string, number>();
  const described = new Set<string>();
  for (const line of text.split("\n").filter((each) => each !== "")) {
    const description = /^# (HELP|TYPE) (\w+) ./.exec(line);
    if (description) {
      described.add(`${description[1]} ${description[2]}`);
      continue;
    }
    const sample = /^((\w+?)(_bucket|_sum|_count)?(\{\w+="[^"\\]*"(,\w+="[^"\\]*")*\})?) (\S+)$/.exec(line);
    if (!sample) throw new Error(`no sample: ${line}`);
    const [, series = "", name = "", suffix = "", , , value = ""] = sample;
    const known = [name, name + suffix].some((each) => described.has(`HELP ${each}`) && described.has(`TYPE ${each}`));
    if (!known) throw new Error(`not described: ${line}`);
    if (samples.has(series)) throw new Error(`twice: ${series}`);
    samples.set(series, Number(value));
  }
  return samples;
}
