/** Whether two JSON values say the same: neither the order of their keys nor fields that are undefined count. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, index) => sameJson(one, b[index]))
    );
  const others = new Map(fieldsOf(b));
  const fields = fieldsOf(a);
  return (
    fields.length === others.size && fields.every(([key, value]) => others.has(key) && sameJson(value, others.get(key)))
  );
}

const fieldsOf = (object: object): [string, unknown][] =>
  Object.entries(object).filter(([, value]) => value !== undefined);
