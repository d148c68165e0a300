export interface Literal {
  readonly text: string;
  readonly line: number;
}

const importPattern =
  /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|\bimport\s*\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g;
const literalPattern = /'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g;

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

/** Module specifiers that a TypeScript file imports, static and dynamic, with their lines. */
export const importsOf = (text: string): Literal[] =>
  [...text.matchAll(importPattern)].map((match) => ({
    text: match[1] ?? match[2] ?? match[3] ?? '',
    line: lineAt(text, match.index + match[0].length),
  }));

/** String and template literals, comments left out. A regular expression that holds a quote may hide some: never add any. */
export function literalsOf(text: string): Literal[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/[^\n]*/g, (comment) => comment.replace(/[^\n]/g, ' '));
  return [...code.matchAll(literalPattern)].map((match) => ({
    text: match[1] ?? match[2] ?? match[3] ?? '',
    line: lineAt(code, match.index),
  }));
}
