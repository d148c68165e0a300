import { type ManifestDocument, type Problem } from '@kasmcloud/manifest';
import { compile, parseApplication } from '@kasmcloud/oam';

/** What is wrong with the meaning of an Application, with file and line: links to nobody, duplicate ids and the like. */
export function judgeApplication(document: ManifestDocument): readonly Problem[] {
  const parsed = parseApplication(document.value, document.positionOf);
  const compiled =
    parsed.application &&
    compile(parsed.application, { namespace: '', name: parsed.application.name, positionOf: document.positionOf });
  return [...parsed.problems, ...(compiled?.problems ?? [])]
    .filter(({ severity }) => severity === 'Error')
    .map(({ field, message, position }) => ({
      file: document.file,
      ...(position ?? document.positionOf([])),
      field,
      message,
    }));
}
