/** What of a syntax tree is looked at here. */
interface Node {
  readonly type: string;
  readonly operator?: string;
  readonly left?: Node;
  readonly object?: Node;
  readonly computed?: boolean;
}

interface Place {
  readonly key?: unknown;
  readonly parent?: Node;
}

/** `list[i]`, and what is read of it. */
const isIndexed = (node: Node | undefined): boolean =>
  node !== undefined && node.type.endsWith('MemberExpression') && (node.computed === true || isIndexed(node.object));

/**
 * The `0` of `list[i] ?? 0`. The compiler asks for it although the index is always inside the list: nothing reaches it, so
 * that no test can tell what stands there. Such mutants are not drawn. The `??` itself is.
 */
export const fallbacks = {
  shouldIgnore(path: object): string | undefined {
    const { key, parent }: Place = path;
    const isFallback = key === 'right' && parent?.type === 'LogicalExpression' && parent.operator === '??';
    return isFallback && isIndexed(parent.left) ? 'nothing reaches the fallback of an index' : undefined;
  },
};
