import type { Explanation } from "../../contract/rules/explanation.ts";
import { type RuleList, rulesOf } from "../../contract/rules/rules.ts";
import { Tftp } from "../../main/tftp.ts";
import { formatBytes, printable } from "../../status/text/format.ts";
import { readConfigFile, withFileKeys } from "../serve/config/config-file.ts";
import { yaml } from "../yaml.ts";
import type { ExplainCommand } from "./explain-command.ts";

/** Prints what a request would lead to. Resolves with the exit code: 1 if no file would be served. */
export async function explain({ file, client, mode, options: asked, config, json }: ExplainCommand): Promise<number> {
  const { options, files } = await readConfigFile(config);
  const tftp = new Tftp({ ...options, journal: false });
  try {
    for (const [pattern, text] of Object.entries(files)) tftp.addFile(pattern, text);
    const explanation = await tftp.explain(file, {
      client,
      mode,
      ...(Object.keys(asked).length > 0 && { options: asked }),
    });
    process.stdout.write(json ? `${JSON.stringify(explanation)}\n` : explanationText(explanation, options.rules ?? []));
    return explanation.outcome === "refused" || explanation.outcome === "dropped" ? 1 : 0;
  } finally {
    await tftp.close();
  }
}

/** An explanation as people read it, a line for each step. */
export function explanationText(explanation: Explanation, rules: RuleList): string {
  const { name, client, mode, options = {}, rule, served, tried } = explanation;
  const asked = Object.entries(options).map(([option, value]) => `, ${option} ${value}`.trimEnd());
  const lines = [
    `request: ${name} by ${client}, ${mode}${asked.join("")}`,
    rule === undefined ? "rule:    none" : `rule:    rules[${rule}] ${shortRule(rules, rule)}`,
    ...(served === undefined ? [] : [`served:  ${served}`]),
    ...tried.map(
      ({ place, kind, result }) => `tried:   ${kind === "directory" ? "directory " : ""}${place}: ${result}`,
    ),
    `result:  ${resultText(explanation)}`,
  ];
  return lines.map((line) => `${printable(line)}\n`).join("");
}

function shortRule(rules: RuleList, index: number): string {
  const rule = rulesOf(rules)[index];
  return rule ? yaml().stringify(withFileKeys(rule), { collectionStyle: "flow", lineWidth: 0 }).trim() : "";
}

function resultText({ outcome, place = "", size, error, reason }: Explanation): string {
  switch (outcome) {
    case "dropped":
      return "no answer: allow and deny keep this client out";
    case "handler":
      return "a handler decides, which is not called for this";
    case "refused":
      return `ERROR ${error?.code} ${error?.text} (${reason})`;
    default:
      return size === undefined ? place : `${place}, ${formatBytes(size)}`;
  }
}
