/** A node of cel-js's syntax tree, as far as we read and change it. */
export interface Node {
  op: string;
  args: unknown;
  meta: { alternate?: unknown; macro?: unknown; evaluate: Evaluate; check: unknown };
  /** Set by the type checker. */
  checkedType?: { kind: string; name: string };
  setMeta(key: 'evaluate', value: Evaluate): void;
}

export type Evaluate = (evaluator: unknown, node: unknown, context: unknown) => unknown;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

export function isNode(value: unknown): value is Node {
  return isRecord(value) && typeof value['op'] === 'string' && isRecord(value['meta']);
}

export const nodesIn = (value: unknown): readonly Node[] =>
  Array.isArray(value) ? value.filter((each) => isNode(each)) : isNode(value) ? [value] : [];
