import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** One declaration of a .d.ts file. */
export interface Declaration {
  /** Unique over all files. */
  readonly id: string;
  readonly name: string;
  /** Without comments, `export`, `declare` and private members. */
  readonly text: string;
  readonly file: string;
}

interface DeclarationFile {
  readonly declarations: ReadonlyMap<string, Declaration>;
  /** Names that this file imports or re-exports, and what they are where they come from. */
  readonly imports: ReadonlyMap<string, { readonly name: string; readonly file: string }>;
  readonly exports: readonly string[];
}

const COMMENT = /\/\*[^]*?\*\/|\/\/[^\n]*/g;
/**
 * What a compiler writes begins in the first column, and nothing else of a declaration does but its closing bracket.
 */
const STATEMENT_START = /\n(?=[A-Za-z])/;
const DECLARED = /^(?:export )?(?:declare )?(?:abstract )?(?:class|interface|type|const|function|enum) (\w+)/;
const LIST = /^(export|import)(?: type)? \{([^}]*)\}(?: from "([^"]+)")?/;

/** Reads emitted .d.ts files, which keep to a few forms. What it does not understand it refuses. */
export class DeclarationFiles {
  readonly #files = new Map<string, DeclarationFile>();

  exportsOf(file: string): Declaration[] {
    return this.#read(file).exports.map((name) => {
      const declaration = this.#find(file, name);
      if (!declaration) throw new Error(`${file}: ${name}: no declaration found`);
      return declaration;
    });
  }

  /** Other declarations of ours that it names. */
  referencedBy({ file, text }: Declaration): Declaration[] {
    const names = new Set(text.replaceAll(/"[^"]*"/g, "").match(/\b[A-Za-z_]\w*\b/g));
    return [...names].map((name) => this.#find(file, name)).filter((found) => found !== undefined);
  }

  #find(file: string, name: string): Declaration | undefined {
    const { declarations, imports } = this.#read(file);
    const imported = imports.get(name);
    return declarations.get(name) ?? (imported && this.#find(imported.file, imported.name));
  }

  #read(file: string): DeclarationFile {
    const read = this.#files.get(file) ?? parse(file);
    this.#files.set(file, read);
    return read;
  }
}

function parse(file: string): DeclarationFile {
  const declarations = new Map<string, Declaration>();
  const imports = new Map<string, { name: string; file: string }>();
  const exports: string[] = [];
  const source = readFileSync(file, "utf8").replaceAll(COMMENT, "");
  for (const statement of source.split(STATEMENT_START).map((each) => each.trim())) {
    const [, keyword, list = "", from] = LIST.exec(statement) ?? [];
    const [, declared] = DECLARED.exec(statement) ?? [];
    if (keyword) {
      for (const [name, local] of namesOf(list)) {
        if (keyword === "export") exports.push(name);
        if (from?.startsWith(".")) imports.set(name, { name: local, file: join(dirname(file), toDeclaration(from)) });
      }
    } else if (declared) {
      if (statement.startsWith("export")) exports.push(declared);
      const text = tidy(statement);
      const earlier = declarations.get(declared);
      // Overloads, and a type that shares its name with a value.
      declarations.set(declared, {
        id: `${file}:${declared}`,
        name: declared,
        text: earlier ? `${earlier.text}\n${text}` : text,
        file,
      });
    } else if (!/^(?:import\b|export \{\})|^$/.test(statement)) {
      throw new Error(`${file}: this form is not known: ${statement.slice(0, 80)}`);
    }
  }
  return { declarations, imports, exports: [...new Set(exports)] };
}

/** `A, type B as C` is A by its own name, and C, which is B there. */
function namesOf(list: string): (readonly [name: string, local: string])[] {
  const entries = list.split(",").map((each) => each.trim().replace(/^type /, ""));
  return entries.filter(Boolean).map((entry) => {
    const [local = "", name = local] = entry.split(" as ");
    return [name, local] as const;
  });
}

function toDeclaration(from: string): string {
  return from.replace(/\.[jt]s$/, ".d.ts");
}

function tidy(statement: string): string {
  const lines = statement.replace(/^(?:export )?(?:declare )?/, "").split("\n");
  return lines.filter((line) => !/^\s*(?:#private;|private .*)?$/.test(line)).join("\n");
}
