import { isTooDeep } from '../schema/json.ts';

/** Strings and signs; what lies between them has no part in the structure. */
const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/gs;

/** An object or list that is read, and where in it the reading is. */
interface Open {
  readonly path: string;
  /** of an object, those read so far */
  readonly keys: Set<string> | undefined;
  key: string;
  index: number;
}

/**
 * The paths of the members that an object names twice, such as `data.a`.
 * @param text JSON
 * @param value what its parser made of it, which keeps the last of them
 */
export function duplicateKeys(text: string, value: unknown): readonly string[] {
  // What comes out as it went in lost nothing on its way: most clients write JSON without spaces.
  if (!isTooDeep(value) && JSON.stringify(value) === text) return [];
  const found: string[] = [];
  const open: Open[] = [];
  let last = '';
  for (const [token] of text.matchAll(tokens)) {
    const parent = open.at(-1);
    if (token.startsWith('"')) last = token;
    else if (token === '{' || token === '[') {
      open.push({ path: pathIn(parent), keys: token === '{' ? new Set() : undefined, key: '', index: 0 });
    } else if (token === '}' || token === ']') open.pop();
    else if (parent === undefined) continue;
    else if (token === ',') parent.index += 1;
    else {
      parent.key = String(JSON.parse(last));
      if (parent.keys?.has(parent.key) === true) found.push(pathIn(parent));
      parent.keys?.add(parent.key);
    }
  }
  return found;
}

function pathIn(parent: Open | undefined): string {
  if (parent === undefined) return '';
  if (parent.keys === undefined) return `${parent.path}[${parent.index}]`;
  return parent.path === '' ? parent.key : `${parent.path}.${parent.key}`;
}
