import { get, type IncomingMessage } from "node:http";
import { onTestFinished } from "vitest";

export interface ServerSentEvent {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** A reader of server-sent events that keeps all that came; it leaves with the test. */
export class SseReader {
  readonly events: ServerSentEvent[] = [];
  ended = false;
  readonly #response: IncomingMessage;
  #text = "";

  private constructor(response: IncomingMessage) {
    this.#response = response;
    response.setEncoding("utf8").on("data", (text: string) => this.#take(text));
    response.on("close", () => (this.ended = true));
    onTestFinished(() => this.close());
  }

  static async open(url: string): Promise<SseReader> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => get(url, resolve).on("error", reject));
    if (response.statusCode !== 200) throw new Error(`expected status 200, got ${response.statusCode}`);
    return new SseReader(response);
  }

  close(): void {
    this.#response.destroy();
  }

  #take(text: string): void {
    const messages = (this.#text + text).split("\n\n");
    this.#text = messages.pop() as string;
    for (const message of messages) {
      const [, event] = /^event: (.*)$/m.exec(message) ?? [];
      const [, data] = /^data: (.*)$/m.exec(message) ?? [];
      if (event && data) this.events.push({ event, data: JSON.parse(data) as Record<string, unknown> });
    }
  }
}
