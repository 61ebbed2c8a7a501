import type { ExplainedRequest, Explanation, LookupStep } from "../../contract/rules/explanation.ts";
import { type AppliedRule, type ContentSource, type LookupObserver, Refused } from "../content/content.ts";
import { parseFileName } from "../content/file-name.ts";
import { openNamed } from "../content/open-named.ts";
import { HandlerNotAsked } from "../content/virtual/virtual-file-source.ts";
import { refusalFaults } from "../protocol/fault.ts";
import type { AccessList } from "./access-list.ts";

/** What a request would lead to. It goes the same way as a request, and the file is closed again. */
export async function explain(
  request: ExplainedRequest,
  source: ContentSource,
  access: AccessList,
): Promise<Explanation> {
  if (!access.admits(request.client)) return { ...request, tried: [], outcome: "dropped" };
  const tried: LookupStep[] = [];
  let applied: AppliedRule | undefined;
  const observer: LookupObserver = {
    onRule: (rule) => (applied = rule),
    onTried: (step) => void tried.push(step),
  };
  const so = (end: Pick<Explanation, "outcome"> & Partial<Explanation>): Explanation => {
    const { rule, served } = applied ?? {};
    return { ...request, ...(rule !== undefined && { rule }), ...(served !== undefined && { served }), tried, ...end };
  };
  try {
    const client = { address: request.client, port: 0 };
    const local = { address: "", port: 0 };
    const name = parseFileName(Buffer.from(request.name));
    const options = new Map(Object.entries(request.options ?? {}));
    const { file } = await openNamed(source, name, { client, local, mode: request.mode, options, observer });
    const { size } = file;
    await file.close();
    const { kind = "file", place = request.name } = tried.at(-1) ?? {};
    return so({ outcome: kind === "directory" ? "file" : kind, place, ...(size !== undefined && { size }) });
  } catch (error) {
    if (error instanceof HandlerNotAsked) return so({ outcome: "handler" });
    const { reason, text } = error instanceof Refused ? error : new Refused("read-error");
    const fault = refusalFaults[reason];
    return so({ outcome: "refused", reason, error: { code: fault.code, text: text ?? fault.text } });
  }
}
