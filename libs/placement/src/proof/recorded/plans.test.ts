import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { canonicalBytes } from '../../index.ts';
import { recordings } from './plans.fixture.ts';

/**
 * A new version of the planner places as the last one did: who upgrades sees no other plan. Where a change of the planner
 * is meant, `KASMCLOUD_RECORD_PLANS=1` writes the plans down anew, and the changelog says what is other.
 */
const file = new URL('plans.json', import.meta.url);

const digest = (plans: unknown): string => createHash('sha256').update(canonicalBytes(plans)).digest('hex').slice(0, 8);

const now = (title: string): string[] => (recordings[title]?.() ?? []).map(digest);

if (process.env['KASMCLOUD_RECORD_PLANS'] === '1') {
  const all = Object.fromEntries(Object.keys(recordings).map((title) => [title, now(title).join(' ')]));
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
}

const recorded: Record<string, string> = JSON.parse(readFileSync(file, 'utf8'));

test.each(Object.keys(recordings))('%s are planned as they were', (title) => {
  expect(now(title)).toEqual(recorded[title]?.split(' '));
});
