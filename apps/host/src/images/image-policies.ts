import { readFileSync } from 'node:fs';
import { parsePolicies, type ImagePolicy } from '@kasmcloud/oci';

/** The image policies of a file, or what is wrong with it. */
export function readImagePolicies(path: string): readonly ImagePolicy[] | string {
  try {
    return parsePolicies(readFileSync(path, 'utf8'));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
