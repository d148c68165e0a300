const keywords = new Set([
  'true',
  'false',
  'null',
  'in',
  'as',
  'break',
  'const',
  'continue',
  'else',
  'for',
  'function',
  'if',
  'import',
  'let',
  'loop',
  'package',
  'namespace',
  'return',
  'var',
  'void',
  'while',
]);
const escapes: Record<string, string> = { __: '__underscores__', '.': '__dot__', '-': '__dash__', '/': '__slash__' };

/**
 * The name by which a rule reaches a property: `self.__namespace__`, `self.a__dash__b`; undefined when no rule can.
 * Source: k8s.io/apiserver pkg/cel escaping.
 */
export function fieldName(property: string): string | undefined {
  if (!/^[A-Za-z_./-][\w./-]*$/.test(property)) return undefined;
  if (keywords.has(property)) return `__${property}__`;
  return property.replaceAll(/__|[./-]/g, (found) => escapes[found] ?? found);
}
