/** What differs from run to run, and what stands for it in the document. Order matters: the longest first. */
const masks: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uid>'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>'],
  [/\b[0-9a-f]{40}\b/g, '<commit>'],
  [/\b127\.\d+\.\d+\.\d+(:\d+)?\b/g, '<address>'],
  [/\bv?\d+\.\d+\.\d+[-+\w.]*\b/g, '<version>'],
  [/("resourceVersion":")\d+/g, '$1<version>'],
  // Epochs: the leader's term times 2³², plus a count.
  [/\b\d{10,}\b/g, '<epoch>'],
];
/** Ages stand alone in their column; elsewhere the same letters are a setting. */
const age = /^(\d+d)?(\d+h)?(\d+m)?(\d+s)?$/;
const tableHead = /^[A-Z][A-Z-]*( {2,}[A-Z][A-Z-]*)+ *$/;

/** What a command printed, with times, ages, addresses, hashes of commits, versions and epochs masked, and nothing else. */
export function maskOutput(text: string, stateFolder: string): string {
  const lines = text.split('\n');
  const mask = (line: string): string => maskLine(line.replaceAll(stateFolder, '<state>'));
  const masked: string[] = [];
  while (lines.length > 0) {
    const end = tableHead.test(lines[0] ?? '') ? lines.findIndex((line) => line === '') : 1;
    const part = lines.splice(0, end === -1 ? lines.length : end);
    masked.push(...(part.length > 1 ? maskTable(part, mask) : part.map(mask)));
  }
  return masked.join('\n');
}

export const maskLine = (line: string): string =>
  masks.reduce((masked, [pattern, name]) => masked.replace(pattern, name), line);

/** A table as kubectl prints it, its columns as wide as what is in them once it is masked. */
function maskTable([head = '', ...rows]: readonly string[], mask: (cell: string) => string): string[] {
  const starts = [...head.matchAll(/\S+/g)].map(({ index }) => index);
  const cells = [head, ...rows].map((line) =>
    starts.map((start, column) => {
      const cell = line.slice(start, starts[column + 1]).trim();
      return age.test(cell) && cell !== '' ? '<age>' : mask(cell);
    }),
  );
  const widths = starts.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd((widths[column] ?? 0) + 3))
      .join('')
      .trimEnd(),
  );
}
