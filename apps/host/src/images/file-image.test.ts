import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { readFileImage } from './file-image.ts';

const folder = await mkdtemp(join(tmpdir(), 'kasm-image-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const path = join(folder, 'a.wasm');
await writeFile(path, 'wasm');
const url = pathToFileURL(path).href;
const digest = 'sha256:b5a3b8d5a8ab3a3b';
const allow = { allowFile: true, root: undefined, maxBytes: 100 };

test('a file is read with its digest, and a right digest passes', async () => {
  const image = await readFileImage(url, allow);
  expect(Buffer.from(image.bytes).toString()).toBe('wasm');
  expect((await readFileImage(`${url}@${image.digest}`, allow)).digest).toBe(image.digest);
});

test.for([
  { name: 'a wrong digest', reference: `${url}@${digest}`, options: allow, reason: 'DigestMismatch' },
  { name: 'a missing file', reference: `${url}x`, options: allow, reason: 'ImagePullFailed' },
  { name: 'a file past the limit', reference: url, options: { ...allow, maxBytes: 3 }, reason: 'ImagePullFailed' },
  { name: 'file images switched off', reference: url, options: { ...allow, allowFile: false }, reason: 'NotSupported' },
  {
    name: 'a file outside of the root',
    reference: 'file:///etc/hostname',
    options: { ...allow, root: folder },
    reason: 'NotSupported',
  },
])('$name is refused with reason $reason, naming the image', async ({ reference, options, reason }) => {
  const refused = readFileImage(reference, options);
  await expect(refused).rejects.toMatchObject({ name: 'ImageError', reason });
  await expect(refused).rejects.toThrow(reference);
});

test('a link out of the root is followed before it is judged', async () => {
  const link = join(folder, 'link.wasm');
  await symlink('/etc/hostname', link);
  await expect(readFileImage(pathToFileURL(link).href, { ...allow, root: folder })).rejects.toMatchObject({
    reason: 'NotSupported',
  });
});
