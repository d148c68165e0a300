/** wadm's way with names: lower case, and an underscore for whatever is neither a letter nor a digit of ASCII. */
const sanitize = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/gu, '_');

/** Id of a component or provider on the lattice: the explicit one, or the one that wadm makes. */
export const componentId = (application: string, component: string, id?: string): string =>
  id ?? `${sanitize(application)}-${sanitize(component)}`;

/** Name under which wadm keeps config of its own in the lattice; config managed elsewhere keeps its name. */
export const configName = (application: string, config: string): string =>
  `${sanitize(application)}-${sanitize(config)}`;

/** Name under which wadm keeps a secret reference in the lattice. */
export const secretName = (application: string, secret: string): string =>
  `SECRET_${sanitize(application)}-${sanitize(secret)}`;

/** Longest name that we give: what is named after it must have room for more. */
const LONGEST = 200;

/**
 * A DNS-1123 name out of parts. When a part had to be changed or the name cut, a hash of the parts as they were is added:
 * parts that differ never meet in one name by sanitising.
 */
export function objectName(...parts: readonly string[]): string {
  const plain = parts.join('-');
  const clean = plain
    .toLowerCase()
    .replace(/[^a-z0-9]+/gu, '-')
    .replace(/^-+|-+$/gu, '');
  if (clean === plain && clean.length <= LONGEST) return clean;
  const start = clean.slice(0, LONGEST - 9).replace(/-+$/u, '');
  return `${start === '' ? 'x' : start}-${hash(parts.join('\0'))}`;
}

/** FNV-1a of the UTF-16 code units, eight hexadecimal digits. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return (value >>> 0).toString(16).padStart(8, '0');
}
