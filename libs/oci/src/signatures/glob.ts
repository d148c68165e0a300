import { formatReference, type ImageReference } from '../reference.ts';

/**
 * Whether a glob of an image policy is about a reference: `*` stands for anything but a slash, `**` for anything. It is
 * compared with the repository, and with the whole reference where it goes on to a tag or a digest. `index.docker.io` is
 * another name of `docker.io`.
 */
export function globMatcher(glob: string): (reference: ImageReference) => boolean {
  const named = glob.replace(/^index\.docker\.io\//, 'docker.io/');
  const isWhole = /[@:]/.test(named.slice(named.lastIndexOf('/') + 1));
  const parts = named.split(/(\*+)/).map((part) => {
    if (part.startsWith('**')) return '.*';
    return part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\-]/g, '\\$&');
  });
  const pattern = new RegExp(`^${parts.join('')}$`, 's');
  return (reference) => {
    if (!isWhole) return pattern.test(`${reference.registry}/${reference.repository}`);
    // A reference with a tag and a digest is about both.
    return [
      { ...reference, digest: undefined },
      { ...reference, tag: undefined },
    ].some((one) => pattern.test(formatReference(one)));
  };
}
