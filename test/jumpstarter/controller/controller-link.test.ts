import { getEventListeners } from "node:events";
import { ChannelCredentials } from "@grpc/grpc-js";
import { expect, onTestFinished, test } from "vitest";
import { ControllerLink } from "../../../src/jumpstarter/controller/controller-link.ts";
import { failureOf } from "../../helpers/jumpstarter/exporter-client.ts";

test("streams that a controller refuses leave nothing at the signal by which they could have been ended", async () => {
  const identity = { endpoint: "127.0.0.1:1", token: "t", namespace: "lab", name: "board-1" };
  const link = new ControllerLink(identity, ChannelCredentials.createInsecure());
  onTestFinished(() => link.close());
  const { signal } = new AbortController();
  const follow = async (): Promise<void> => {
    for await (const status of link.leaseStatus(signal)) expect(status).toBeUndefined();
  };
  expect(await failureOf(follow())).toMatchObject({ code: 14 });
  await expect.poll(() => getEventListeners(signal, "abort")).toEqual([]);
});
