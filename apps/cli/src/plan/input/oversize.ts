import type { Problem } from '@kasmcloud/manifest';
import type { Source } from './sources.ts';

/** No API server stores an object as large as this; reading it as YAML would take many seconds. */
const MAX_OBJECT_BYTES = 4 * 1024 * 1024;
/** Where the kind of a List stands: kubectl writes it behind the items. */
const EDGE_BYTES = 4 * 1024;
const LIST = /^"?items"?:|"?kind"?: *"?\w*List"?/m;

/** The first document of a file that is too large to be one object; a List may be of any size. */
export function oversizedDocument({ file, bytes }: Source): Problem | undefined {
  if (bytes.byteLength <= MAX_OBJECT_BYTES) return undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let line = 1;
  for (let start = 0; start < text.length;) {
    const next = text.indexOf('\n---', start);
    const end = next === -1 ? text.length : next + 1;
    const edges = [text.subarray(start, start + EDGE_BYTES), text.subarray(Math.max(start, end - EDGE_BYTES), end)];
    if (end - start > MAX_OBJECT_BYTES && !edges.some((edge) => LIST.test(edge.toString('utf8')))) {
      const message = `an object of ${end - start} bytes: at most ${MAX_OBJECT_BYTES} are read`;
      return { file, line, column: 1, message };
    }
    for (let at = text.indexOf(10, start); at !== -1 && at < end; at = text.indexOf(10, at + 1)) line += 1;
    // Past the marker, so that an empty document is not found for ever.
    start = end + (next === -1 ? 0 : '---'.length);
  }
  return undefined;
}
