const cache = new Map<string, string>();
const CACHE_LIMIT = 10_000;

/** `info-code` → `infoCode`, `DNS-timeout` → `dnsTimeout`: how generated bindings name a WIT field or flag in JavaScript. */
export const camelCase = (kebab: string): string => {
  const known = cache.get(kebab);
  if (known !== undefined) return known;
  const [first = '', ...rest] = kebab.toLowerCase().split('-');
  const camel = first + rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  // Names come from components, which strangers write: without a bound they would stay for ever.
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(kebab, camel);
  return camel;
};
