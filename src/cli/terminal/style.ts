import { styleText } from "node:util";
import type { Tone } from "../../status/text/severity.ts";

/** The characters that a frame is drawn with. */
export interface Signs {
  readonly done: string;
  readonly left: string;
  readonly ellipsis: string;
  readonly dot: string;
}

/** How to draw on a terminal that has, or has not, colors and Unicode. */
export interface Style {
  readonly signs: Signs;
  /** None of these changes the width of the text. */
  strong(text: string): string;
  faint(text: string): string;
  tone(tone: Tone, text: string): string;
  bar(text: string): string;
}

const unicode: Signs = { done: "█", left: "░", ellipsis: "…", dot: "·" };
const ascii: Signs = { done: "#", left: "-", ellipsis: "...", dot: "|" };

const tones = { good: "green", quiet: "gray", warning: "yellow", bad: "red" } as const satisfies Record<Tone, string>;

/** Chooses by the environment: NO_COLOR (no-color.org), and whether the locale is UTF-8. */
export function chooseStyle(env: NodeJS.ProcessEnv): Style {
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
  const signs = /utf-?8/i.test(locale) ? unicode : ascii;
  return env["NO_COLOR"] ? colorless(signs) : colorful(signs);
}

function colorless(signs: Signs): Style {
  return { signs, strong: unchanged, faint: unchanged, bar: unchanged, tone: (_tone, text) => text };
}

function unchanged(text: string): string {
  return text;
}

function colorful(signs: Signs): Style {
  return {
    signs,
    strong: (text) => paint("bold", text),
    faint: (text) => paint("gray", text),
    bar: (text) => paint("cyan", text),
    tone: (tone, text) => paint(tones[tone], text),
  };
}

function paint(format: Parameters<typeof styleText>[0], text: string): string {
  // The caller has checked that the output is a terminal.
  return text === "" ? "" : styleText(format, text, { validateStream: false });
}
