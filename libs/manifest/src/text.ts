import type { Position } from './problem.ts';

const positionAt = (text: string, offset: number): Position => {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - lineStart + 1 };
};

/** Where the lines of a text begin, found when it is asked for. */
export class LineStarts {
  readonly #text: string;
  #starts: number[] | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  positionOf(offset: number): Position {
    const starts = (this.#starts ??= lineStarts(this.#text));
    let low = 0;
    for (let high = starts.length; low + 1 < high;) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** Bytes as text without its byte order mark; `invalidAt` when they are not UTF-8. */
export const decodeText = (input: string | Uint8Array): { readonly text: string; readonly invalidAt?: Position } => {
  if (typeof input === 'string') return { text: input.replace(/^\ufeff/, '') };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(input) };
  } catch {
    const text = new TextDecoder('utf-8').decode(input);
    return { text: '', invalidAt: positionAt(text, text.indexOf('\ufffd')) };
  }
};

/** YAML's printable characters, as far as they are single UTF-16 units: no control characters but tab and line ends. */
const isPrintable = (unit: number): boolean =>
  unit >= 0x20 ? unit !== 0x7f && unit < 0xfffe : unit === 0x09 || unit === 0x0a || unit === 0x0d;

/** The first character that a YAML file may only contain escaped. */
export const firstUnprintable = (text: string): (Position & { readonly name: string }) | undefined => {
  for (let offset = 0; offset < text.length; offset += 1) {
    const unit = text.charCodeAt(offset);
    if (isPrintable(unit)) continue;
    return { ...positionAt(text, offset), name: `U+${unit.toString(16).toUpperCase().padStart(4, '0')}` };
  }
  return undefined;
};
