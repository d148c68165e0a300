import type { KubeObject } from '@kasmcloud/kube-api';

/** A record of texts that an object keeps as JSON in an annotation; anybody may write there, so what is none is left out. */
export function annotatedTexts({ metadata }: Pick<KubeObject, 'metadata'>, annotation: string): Record<string, string> {
  const text = metadata.annotations?.[annotation];
  if (text === undefined) return {};
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read !== 'object' || read === null) return {};
    return Object.fromEntries(
      Object.entries(read).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    );
  } catch {
    return {};
  }
}
