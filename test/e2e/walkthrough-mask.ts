/** What differs from run to run, and what stands for it in the document. Order matters: the longest first. */
const masks: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uid>'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>'],
  [/\bsha(1|256):[0-9a-f]{40,64}\b/g, 'sha$1:<hash>'],
  [/\b[0-9a-f]{40}\b/g, '<commit>'],
  [/\b127\.\d+\.\d+\.\d+(:\d+)?\b/g, '<address>'],
  [/\bv?\d+\.\d+\.\d+[-+\w.]*\b/g, '<version>'],
  [/("resourceVersion":")\d+/g, '$1<version>'],
  [/("(?:epoch|appliedEpoch|observedEpoch)":)\d+/g, '$1<epoch>'],
  [/\b\d+(\.\d+)?(ms|s|m|h|d)\d*s?(?=\s|$)/gm, '<age>'],
  [/-[0-9a-f]{8,10}\b/g, '-<hash>'],
];

/** The text with times, ages, addresses, hashes and versions masked, and columns set anew for what is left. */
export function normalise(text: string, stateFolder: string): string {
  let masked = text.replaceAll(stateFolder, '<state>');
  for (const [pattern, name] of masks) masked = masked.replace(pattern, name);
  // A masked cell has another width than the real one had: three spaces between columns, as kubectl has at least.
  return masked.replace(/(?<=\S) {2,}(?=\S)/g, '   ').replace(/ +$/gm, '');
}
