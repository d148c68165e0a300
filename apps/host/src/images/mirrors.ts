/** `registry=mirror`, each, to the mirrors of each registry in order; or what is wrong with one. */
export function parseMirrors(items: readonly string[]): Record<string, string[]> | string {
  const mirrors: Record<string, string[]> = {};
  for (const item of items) {
    const [, registry, mirror] = /^([^=/\s]+)=([^=/\s]+(?:\/[^=\s]+)?)$/.exec(item) ?? [];
    if (registry === undefined || mirror === undefined) {
      return `"${item}" is not registry=mirror, for example docker.io=mirror.example.com/hub`;
    }
    (mirrors[registry.toLowerCase()] ??= []).push(mirror.toLowerCase().replace(/\/+$/, ''));
  }
  return mirrors;
}
