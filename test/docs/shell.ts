/**
 * The commands of a block of shell, each as its words; comments, assignments before a command and redirections aside.
 */
export function commandsIn(code: string): string[][] {
  return code
    .replaceAll("\\\n", " ")
    .split(/\n|&&|\|(?!\|)/)
    .map((line) => wordsOf(line))
    .map((words) => words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word))))
    .filter((words) => words.length > 0);
}

function wordsOf(line: string): string[] {
  const words = line.match(/"[^"]*"|'[^']*'|[^\s]+/g) ?? [];
  const end = words.findIndex((word) => word.startsWith("#") || word.startsWith(">"));
  return words.slice(0, end === -1 ? words.length : end).map((word) => word.replace(/^(["'])(.*)\1$/, "$2"));
}
