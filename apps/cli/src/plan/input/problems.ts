import { fieldText, formatProblem, type FieldPath, type ManifestDocument, type Problem } from '@kasmcloud/manifest';

/** What the input is told about: an error refuses it, a note is only told. */
export class Findings {
  readonly errors: Problem[] = [];
  readonly notes: Problem[] = [];

  error(document: ManifestDocument, path: FieldPath, message: string): void {
    this.errors.push(problemAt(document, path, message));
  }

  note(document: ManifestDocument, path: FieldPath, message: string): void {
    this.notes.push(problemAt(document, path, message));
  }
}

export const positionText = ({ file, positionOf }: ManifestDocument): string => {
  const { line, column } = positionOf([]);
  return `${file}:${line}:${column}`;
};

/** One line each, errors first; a line that would be repeated is told once. */
export const findingLines = ({ errors, notes }: Findings): string[] => [
  ...new Set([...errors.map(formatProblem), ...notes.map((note) => `${formatProblem(note)} (note)`)]),
];

function problemAt(document: ManifestDocument, path: FieldPath, message: string): Problem {
  const { line, column } = document.positionOf(path);
  return { file: document.file, line, column, ...(path.length > 0 && { field: fieldText(path) }), message };
}
