import { labels } from '@kasmcloud/kube-api';

/** A ConfigMap that an object names is not in this cluster. */
export class ConfigMissingError extends Error {
  override readonly name = 'ConfigMissingError';
  readonly configMap: string;

  constructor(namespace: string, configMap: string) {
    super(`ConfigMap ${namespace}/${configMap} is named but not found, or lacks the label ${labels.config}`);
    this.configMap = configMap;
  }
}

/**
 * The named ConfigMaps merged left to right: a later one overrides an earlier one, key by key. `read` gives the data
 * of one, or undefined.
 *
 * @throws {ConfigMissingError}
 */
export function mergeConfig(
  namespace: string,
  names: readonly string[],
  read: (name: string) => Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  const merged: Record<string, string> = {};
  for (const name of names) {
    const data = read(name);
    if (data === undefined) throw new ConfigMissingError(namespace, name);
    Object.assign(merged, data);
  }
  return merged;
}
