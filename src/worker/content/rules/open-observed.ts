import { join } from "node:path";
import type { LookupStep } from "../../../contract/rules/explanation.ts";
import type { ContentFile, ContentSource, FileName, RequestContext } from "../content.ts";
import { RootedDirectory } from "../directory/rooted-directory.ts";
import { toRefused } from "../refusal.ts";

/** Opens it, and says so if an explanation is asked for. */
export function openObserved(source: ContentSource, name: FileName, request: RequestContext): Promise<ContentFile> {
  const onTried = request.observer?.onTried?.bind(request.observer);
  const opening = source.open(name, request);
  if (!onTried) return opening;
  const isFile = source instanceof RootedDirectory;
  const place = isFile ? join(source.path.toString(), name.text) : name.text;
  const report = (result: LookupStep["result"]): void => onTried({ place, kind: isFile ? "file" : "object", result });
  return opening.then(
    (file) => {
      report("found");
      return file;
    },
    (error: unknown) => {
      report(toRefused(error).reason);
      throw error;
    },
  );
}
