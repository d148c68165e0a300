/** What is known of one link or one config on both sides. */
export interface Sides {
  /** On the hub: not there, made there by somebody, or there because it came from the lattice. */
  readonly hub: 'absent' | 'hubs' | 'lattices';
  /** In the bucket: never there, deleted, or there. */
  readonly bucket: 'absent' | 'deleted' | 'present';
  /** Whether both say the same. */
  readonly isSame: boolean;
  /** Whether the hub's side is different from what was agreed last; true when nothing ever was. */
  readonly hubChanged: boolean;
  readonly bucketChanged: boolean;
}

/** Which side has to follow the other; `agreed` and `gone` ask for no write at all. */
export type Decision = 'agreed' | 'gone' | 'toBucket' | 'toHub' | 'dropFromBucket' | 'dropFromHub';

/**
 * The rule of precedence. What was made on the hub is the hub's: the bucket says the same, whatever others write there. What
 * came from the lattice may be changed and deleted on either side: the one that changed since they last agreed is followed,
 * when both did it is the bucket, and a change is worth more than a deletion. A bucket that lacks a key which nobody
 * deleted was lost, and is filled again.
 */
export function decide({ hub, bucket, isSame, hubChanged, bucketChanged }: Sides): Decision {
  switch (hub) {
    case 'absent':
      if (bucket !== 'present') return 'gone';
      return bucketChanged ? 'toHub' : 'dropFromBucket';
    case 'hubs':
      return isSame ? 'agreed' : 'toBucket';
    case 'lattices':
      if (isSame) return 'agreed';
      // Neither side changed, and yet they differ: names of config mean other ConfigMaps than before.
      if (bucket === 'present') return bucketChanged || !hubChanged ? 'toHub' : 'toBucket';
      return bucket === 'deleted' && !hubChanged ? 'dropFromHub' : 'toBucket';
  }
}
