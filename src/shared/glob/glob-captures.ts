import { type AutomatonBuilder, isInClass, Kind } from "./glob-automaton.ts";

const SLASH = 0x2f;

/** One way that is still to be tried, or (`state` negative) a mark to be set back to what it was. */
type Pending = readonly [state: number, at: number];

/**
 * Finds what the wildcards of a glob stand for. It goes back when a way leads nowhere, but enters no state twice at the
 * same position: each character costs as many steps as there are states at most.
 */
export class GlobCaptures {
  readonly #states: AutomatonBuilder;
  readonly #start: number;
  readonly #count: number;

  /** @param count How many captures there are: mark 2n begins the nth from 0, mark 2n + 1 ends it. */
  constructor(states: AutomatonBuilder, start: number, count: number) {
    this.#states = states;
    this.#start = start;
    this.#count = count;
  }

  /**
   * The captures in a name; undefined if it does not match.
   * @param shown Another form of the name, of the same length, that they are taken from.
   */
  of(name: string, shown: string = name): string[] | undefined {
    const marks = this.#find(name);
    return (
      marks && Array.from({ length: this.#count }, (_, index) => shown.slice(marks[2 * index], marks[2 * index + 1]))
    );
  }

  #find(name: string): readonly number[] | undefined {
    const { kinds, nexts, details } = this.#states;
    const marks: number[] = Array.from({ length: 2 * this.#count }, () => 0);
    const width = name.length + 1;
    const entered = new Uint8Array(Math.ceil((kinds.length * width) / 8));
    const pending: Pending[] = [[this.#start, 0]];
    for (let way = pending.pop(); way !== undefined; way = pending.pop()) {
      const [state, at] = way;
      if (state < 0) {
        marks[-state - 1] = at;
        continue;
      }
      const bit = state * width + at;
      if ((entered[bit >> 3]! & (1 << (bit & 7))) !== 0) continue;
      entered[bit >> 3]! |= 1 << (bit & 7);
      const kind = kinds[state];
      const next = nexts[state]!;
      const detail = details[state]!;
      if (kind === Kind.final) {
        if (at === name.length) return marks;
      } else if (kind === Kind.choice) {
        pending.push([next, at], [detail, at]);
      } else if (kind === Kind.mark) {
        pending.push([-detail - 1, marks[detail]!], [next, at]);
        marks[detail] = at;
      } else if (at < name.length) {
        const point = name.codePointAt(at)!;
        if (this.#takes(state, point)) pending.push([next, at + (point > 0xffff ? 2 : 1)]);
      }
    }
    return undefined;
  }

  #takes(state: number, point: number): boolean {
    const kind = this.#states.kinds[state];
    if (kind === Kind.character) return this.#states.details[state] === point;
    if (kind === Kind.any) return true;
    if (point === SLASH || kind === Kind.notSlash) return point !== SLASH;
    return isInClass(this.#states.classes.get(state)!, point);
  }
}
