import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, type Sides } from './decide.ts';

const sides = (hub: Sides['hub'], bucket: Sides['bucket'], rest: Partial<Sides> = {}): Sides => ({
  hub,
  bucket,
  isSame: false,
  hubChanged: true,
  bucketChanged: true,
  ...rest,
});
const still = { hubChanged: false, bucketChanged: false };

describe('made on the hub', () => {
  test.for([
    ['new', sides('hubs', 'absent'), 'toBucket'],
    ['the same already', sides('hubs', 'present', { isSame: true }), 'agreed'],
    ['changed there', sides('hubs', 'present', { bucketChanged: false }), 'toBucket'],
    ['written over by others', sides('hubs', 'present', { hubChanged: false }), 'toBucket'],
    ['deleted by others', sides('hubs', 'deleted', { hubChanged: false }), 'toBucket'],
    ['deleted there', sides('absent', 'present', { bucketChanged: false }), 'dropFromBucket'],
    ['deleted there while others wrote it', sides('absent', 'present'), 'toHub'],
  ] as const)('%s: %o → %s', ([, is, wanted]) => {
    expect(decide(is)).toBe(wanted);
  });
});

describe('come from the lattice', () => {
  test.for([
    ['new', sides('absent', 'present'), 'toHub'],
    ['changed in the bucket', sides('lattices', 'present', { hubChanged: false }), 'toHub'],
    ['changed on the hub', sides('lattices', 'present', { bucketChanged: false }), 'toBucket'],
    ['changed on both', sides('lattices', 'present'), 'toHub'],
    ['named otherwise', sides('lattices', 'present', still), 'toHub'],
    ['deleted in the bucket', sides('lattices', 'deleted', { hubChanged: false }), 'dropFromHub'],
    ['deleted in the bucket, changed on the hub', sides('lattices', 'deleted'), 'toBucket'],
    ['deleted on the hub', sides('absent', 'present', { bucketChanged: false }), 'dropFromBucket'],
    ['deleted on both', sides('absent', 'deleted'), 'gone'],
    ['lost with its bucket', sides('lattices', 'absent', { hubChanged: false }), 'toBucket'],
  ] as const)('%s: %o → %s', ([, is, wanted]) => {
    expect(decide(is)).toBe(wanted);
  });
});

// A model of both sides, in which every decision is carried out at once.
interface Model {
  hub: { text: string; isLattices: boolean } | undefined;
  /** Null where it was deleted. */
  bucket: string | null | undefined;
  agreed: { hub: string; bucket: string } | undefined;
}

function step(model: Model): number {
  const { hub, agreed } = model;
  const bucket = model.bucket ?? undefined;
  const decision = decide({
    hub: hub === undefined ? 'absent' : hub.isLattices ? 'lattices' : 'hubs',
    bucket: bucket !== undefined ? 'present' : model.bucket === null ? 'deleted' : 'absent',
    isSame: hub !== undefined && hub.text === bucket,
    hubChanged: agreed?.hub !== hub?.text,
    bucketChanged: agreed?.bucket !== bucket,
  });
  if (decision === 'toBucket') model.bucket = hub?.text;
  if (decision === 'toHub') model.hub = { text: bucket ?? '', isLattices: true };
  if (decision === 'dropFromBucket') model.bucket = null;
  if (decision === 'dropFromHub') model.hub = undefined;
  const text = model.hub?.text;
  model.agreed = text === undefined ? undefined : { hub: text, bucket: text };
  return decision === 'agreed' || decision === 'gone' ? 0 : 1;
}

const change = fc.oneof(
  fc.record({ who: fc.constant('hub' as const), text: fc.constantFrom('a', 'b', 'c', undefined) }),
  fc.record({ who: fc.constant('bucket' as const), text: fc.constantFrom('a', 'b', 'c', undefined) }),
  fc.record({ who: fc.constant('mirror' as const), text: fc.constant(undefined) }),
);

test('whoever writes what in whatever order: both sides come to say the same, in one write, and rest', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
      const model: Model = { hub: undefined, bucket: undefined, agreed: undefined };
      for (const { who, text } of changes) {
        if (who === 'mirror') step(model);
        if (who === 'hub')
          model.hub = text === undefined ? undefined : { text, isLattices: model.hub?.isLattices ?? false };
        if (who === 'bucket') model.bucket = text ?? (model.bucket === undefined ? undefined : null);
      }
      const { hub } = model;
      expect(step(model)).toBeLessThanOrEqual(1);
      expect(step(model)).toBe(0);
      expect(model.hub?.text).toBe(model.bucket ?? undefined);
      // What is the hub's is never changed by what the lattice says.
      expect(hub === undefined || hub.isLattices ? model.hub : hub).toEqual(model.hub);
    }),
  );
});
