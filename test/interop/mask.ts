/** What differs from run to run, and nothing else, and the word that stands for it. */
export type Masks = readonly (readonly [what: RegExp | string, word: string])[];

const always: Masks = [
  [/\bN[A-Z2-7]{55}\b/g, '<host>'],
  [/\b[0-9A-HJKMNP-TV-Z]{26}\b/g, '<version>'],
  [/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z?/g, '<time>'],
  [/127\.\d+\.\d+\.\d+:\d+/g, '<address>'],
];

/** What wash says once, to whoever uses it for the first time. */
export const firstGreeting: Masks[number] = [/Congratulations on installing wash!\n[^$]*?slack\.wasmcloud\.com\n/g, ''];

/** The text with `masks` and then what always differs replaced, without the padding that depends on it. */
export function masked(text: string, masks: Masks = []): string {
  const plain = [...masks, ...always].reduce((left, [what, word]) => left.replaceAll(what, word), text);
  const lines = plain
    .split('\n')
    .map((line) => line.replace(/ {2,}/g, '  ').trim())
    .filter((line) => line !== '');
  return inOrder(lines).join('\n');
}

/** A component in an inventory: hosts tell them in no order, so that only which they are is compared. */
const COMPONENT = /^\S+  N\/A  \d+$/;

function inOrder(lines: readonly string[]): string[] {
  const rows = lines.filter((line) => COMPONENT.test(line)).toSorted();
  return lines.map((line) => (COMPONENT.test(line) ? (rows.shift() ?? line) : line));
}
