import type { GlobElement } from "./glob-syntax.ts";

/** The state that is reached when all of the name has matched. */
export const FINAL = 0;

/**
 * What a state does. All but `choice`, `final` and `mark` consume a character, if it is one that they take; `mark` notes
 * a position, and only what finds captures has such states.
 */
export const Kind = { final: 0, choice: 1, character: 2, notSlash: 3, any: 4, class: 5, mark: 6 } as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

export type CharacterClass = Extract<GlobElement, { kind: "class" }>;

const SLASH = 0x2f;

/** How many states the automaton of one glob may have. */
const MAX_STATES = 65_536;

/** Collects the states of an automaton. Every method takes the state that comes next, and returns the new one. */
export class AutomatonBuilder {
  readonly kinds: Kind[] = [Kind.final];
  readonly nexts: number[] = [FINAL];
  /** Of a choice the second way, of a character its code point, of a mark its number. */
  readonly details: number[] = [0];
  readonly classes: Map<number, CharacterClass> = new Map();

  character(point: number, next: number): number {
    return this.#add(Kind.character, next, point);
  }

  notSlash(next: number): number {
    return this.#add(Kind.notSlash, next);
  }

  any(next: number): number {
    return this.#add(Kind.any, next);
  }

  class(element: CharacterClass, next: number): number {
    const state = this.#add(Kind.class, next);
    this.classes.set(state, element);
    return state;
  }

  /** Notes the position under that number. */
  mark(number: number, next: number): number {
    return this.#add(Kind.mark, next, number);
  }

  /** Two ways to go on; what finds captures prefers the other one. */
  choice(one: number, other: number): number {
    return this.#add(Kind.choice, one, other);
  }

  /** Any number of times what `body` adds, which is given the state to come back to. */
  loop(body: (start: number) => number, next: number): number {
    const start = this.choice(next, next);
    this.details[start] = body(start);
    return start;
  }

  #add(kind: Kind, next: number, detail = 0): number {
    if (this.kinds.length >= MAX_STATES) throw new SyntaxError("the glob has too many alternatives");
    this.kinds.push(kind);
    this.nexts.push(next);
    this.details.push(detail);
    return this.kinds.length - 1;
  }
}

/**
 * Follows all ways to match at once, and never goes back (Thompson's construction): each character costs as many steps
 * as there are states at most. Backtracking over a name that a stranger chose would take for ever.
 */
export class Automaton {
  readonly #kinds: Uint8Array;
  readonly #nexts: Int32Array;
  readonly #details: Int32Array;
  readonly #classes: ReadonlyMap<number, CharacterClass>;
  readonly #start: number;
  /** In which step each state was entered last. */
  readonly #enteredIn: Float64Array;
  readonly #pending: Int32Array;
  #step = 0;
  /** The states that have been entered in this step and consume a character, and how many they are. */
  #entered: Int32Array;
  #count = 0;
  #isFinal = false;
  #spare: Int32Array;

  constructor({ kinds, nexts, details, classes }: AutomatonBuilder, start: number) {
    this.#kinds = Uint8Array.from(kinds);
    this.#nexts = Int32Array.from(nexts);
    this.#details = Int32Array.from(details);
    this.#classes = classes;
    this.#start = start;
    this.#enteredIn = new Float64Array(kinds.length);
    // Each state is entered once in a step, and puts two others behind at most.
    this.#pending = new Int32Array(2 * kinds.length + 1);
    this.#entered = new Int32Array(kinds.length);
    this.#spare = new Int32Array(kinds.length);
  }

  matches(name: string): boolean {
    this.#begin();
    this.#enter(this.#start);
    for (let at = 0; at < name.length && this.#count > 0;) {
      const point = name.codePointAt(at)!;
      at += point > 0xffff ? 2 : 1;
      const before = this.#entered;
      const count = this.#count;
      this.#begin();
      for (let index = 0; index < count; index++) {
        if (this.#takes(before[index]!, point)) this.#enter(this.#nexts[before[index]!]!);
      }
      if (at >= name.length) return this.#isFinal;
    }
    return name === "" && this.#isFinal;
  }

  #begin(): void {
    [this.#entered, this.#spare] = [this.#spare, this.#entered];
    this.#count = 0;
    this.#isFinal = false;
    this.#step++;
  }

  /** The state, and all that are reached from it without a character. */
  #enter(state: number): void {
    const pending = this.#pending;
    let depth = 0;
    pending[depth++] = state;
    while (depth > 0) {
      const at = pending[--depth]!;
      if (this.#enteredIn[at] === this.#step) continue;
      this.#enteredIn[at] = this.#step;
      const kind = this.#kinds[at];
      if (kind === Kind.choice) {
        pending[depth++] = this.#nexts[at]!;
        pending[depth++] = this.#details[at]!;
      } else if (kind === Kind.final) this.#isFinal = true;
      else this.#entered[this.#count++] = at;
    }
  }

  #takes(state: number, point: number): boolean {
    const kind = this.#kinds[state];
    if (kind === Kind.character) return this.#details[state] === point;
    if (kind === Kind.any) return true;
    if (point === SLASH || kind === Kind.notSlash) return point !== SLASH;
    return isInClass(this.#classes.get(state)!, point);
  }
}

/** Of any character but `/`. */
export function isInClass({ ranges, isNegated }: CharacterClass, point: number): boolean {
  return ranges.some(([low, high]) => point >= low && point <= high) !== isNegated;
}
