import { annotations, type HostObject } from '@kasmcloud/kube-api';

/** Labels that are on a legacy host because Kubernetes says so: its WasmCloudHost has them from a person, not from the host. */
export function carriedLabels({ metadata }: HostObject): Record<string, string> {
  const text = metadata.annotations?.[annotations.carriedLabels];
  if (text === undefined) return {};
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read !== 'object' || read === null) return {};
    return Object.fromEntries(
      Object.entries(read).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    );
  } catch {
    // Anybody may write annotations.
    return {};
  }
}
