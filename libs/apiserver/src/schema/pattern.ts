import { RE2JS } from 're2js';

/** The pattern is not one that RE2 accepts. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

/**
 * A pattern as kube-apiserver reads it: RE2 syntax, found anywhere in the text, linear in its length.
 * @throws PatternError
 */
export function compilePattern(pattern: string): (text: string) => boolean {
  try {
    const compiled = RE2JS.compile(pattern);
    return (text) => compiled.test(text);
  } catch (error) {
    throw new PatternError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
