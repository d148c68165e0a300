import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

/** Where wadm's repository has manifests: its examples, and the fixtures of its tests. */
const FOLDERS = ['oam', join('tests', 'fixtures', 'manifests')];

const componentSchema = z.object({
  type: z.string(),
  properties: z.object({
    image: z.string().optional(),
    application: z.object({ name: z.string() }).optional(),
  }),
});
const applicationSchema = z.object({
  kind: z.literal('Application'),
  metadata: z.object({ name: z.string() }),
  spec: z.object({ components: z.array(componentSchema) }),
});

/** A manifest as somebody else published it. */
export interface PublishedManifest {
  /** Its path in the repository. */
  readonly file: string;
  readonly text: string;
  readonly application: string;
  /** Other applications whose components it shares. */
  readonly shares: readonly string[];
  /** Images of its components, without those of its providers. */
  readonly images: readonly string[];
}

/** Every application manifest of a clone of wadm's repository, by path. */
export async function publishedManifests(clone: string): Promise<PublishedManifest[]> {
  const found: PublishedManifest[] = [];
  for (const folder of FOLDERS) {
    const entries = await readdir(join(clone, folder), { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      if (!entry.isFile() || !/\.(ya?ml|json)$/.test(entry.name)) continue;
      const path = join(entry.parentPath, entry.name);
      const text = await readFile(path, 'utf8');
      const { success, data } = applicationSchema.safeParse(parse(text));
      if (!success) continue;
      const { components } = data.spec;
      found.push({
        file: relative(clone, path),
        text,
        application: data.metadata.name,
        shares: [...new Set(components.flatMap(({ properties }) => properties.application?.name ?? []))],
        images: components.flatMap(({ type, properties }) =>
          type === 'capability' || properties.image === undefined ? [] : [properties.image],
        ),
      });
    }
  }
  return found.toSorted((a, b) => (a.file < b.file ? -1 : 1));
}
