/** Whether two pages differ at most in what oxfmt does to them: the padding of tables, and blank lines. */
export function isSamePage(one: string, other: string): boolean {
  return normalised(one) === normalised(other);
}

function normalised(page: string): string {
  return page
    .replace(/ {2,}/g, " ")
    .replace(/-{3,}/g, "---")
    .replace(/\n{2,}/g, "\n")
    .trim();
}
