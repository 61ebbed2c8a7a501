import type { Operator } from "opendal";
import { loadOpenDal } from "./load-opendal.ts";
import type { StoreServiceDependencies } from "./store-service.ts";
import { StoreError, type StoreProcessConfig } from "../client/store-api.ts";
import { Versions } from "./versions.ts";

/**
 * Opens the operator, with time limits and a few retries.
 * @throws {StoreError} if OpenDAL is missing or refuses the configuration.
 */
export async function openStore({ scheme, config, timeoutMs }: StoreProcessConfig): Promise<StoreServiceDependencies> {
  const opendal = await loadOpenDal();
  const timeout = new opendal.TimeoutLayer();
  timeout.timeout = timeoutMs;
  timeout.ioTimeout = timeoutMs;
  const retry = new opendal.RetryLayer();
  // Less than a second in all: a TFTP client asks again by itself, and the store may be gone for good.
  retry.maxTimes = 3;
  retry.minDelay = 50;
  retry.maxDelay = 400;
  const operator = create(opendal, scheme, config).layer(timeout.build()).layer(retry.build());
  return { scheme, operator, versions: scheme === "memory" ? new Versions() : undefined };
}

function create(
  { Operator: Class }: typeof import("opendal"),
  scheme: string,
  config: StoreProcessConfig["config"],
): Operator {
  try {
    return new Class(scheme, config);
  } catch (error) {
    const { message } = error as Error;
    throw new StoreError("failed", `OpenDAL refuses this source: ${message}`, { cause: error });
  }
}
