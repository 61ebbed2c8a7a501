/** The known word that was meant, if one is near enough to what was typed. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const extended = word.length >= 3 ? known.filter((each) => each.startsWith(word)) : [];
  if (extended.length === 1) return extended[0];
  const limit = Math.max(1, Math.floor(word.length / 3));
  const scored = known
    .map((each) => ({ each, distance: distance(word.toLowerCase(), each.toLowerCase()) }))
    .filter(({ distance: steps }) => steps <= limit)
    .toSorted((one, other) => one.distance - other.distance);
  return scored[0]?.each;
}

/** `; did you mean --host?`, or nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  return meant === undefined ? "" : `; did you mean ${meant}?`;
}

/** Longer words are not compared: the time grows with the square of their length. */
const MAX_LENGTH = 64;

/** How many letters are to be inserted, removed, replaced, or swapped with their neighbour (Damerau, Levenshtein). */
function distance(one: string, other: string): number {
  if (Math.max(one.length, other.length) > MAX_LENGTH) return Infinity;
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, index) => index)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Infinity;
  for (let i = 1; i <= one.length; i++) {
    rows[i] = [i];
    for (let j = 1; j <= other.length; j++) {
      const isSame = one[i - 1] === other[j - 1];
      const isSwapped = one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      (rows[i] as number[])[j] = Math.min(
        at(i - 1, j) + 1,
        at(i, j - 1) + 1,
        at(i - 1, j - 1) + (isSame ? 0 : 1),
        isSwapped ? at(i - 2, j - 2) + 1 : Infinity,
      );
    }
  }
  return at(one.length, other.length);
}
