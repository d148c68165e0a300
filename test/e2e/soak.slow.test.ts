import { assert, test } from 'vitest';
import { complaintsOf } from './soak/complaints.ts';
import { soak } from './soak/soak.ts';

/** The long form is `KASMCLOUD_SOAK_MINUTES=30`. */
const SECONDS = Number(process.env['KASMCLOUD_SOAK_MINUTES'] ?? 5) * 60;

test('everything at once, for long', { timeout: SECONDS * 2_000 + 300_000 }, async () => {
  const report = await soak(SECONDS);
  const figures = Object.entries(report.lanes).map(
    ([name, { answered, lost }]) => `${name} ${answered}, ${lost.length}`,
  );
  const { early, late } = report.usage;
  process.stdout.write(`soak of ${SECONDS} s, answered and lost: ${figures.join('; ')}\n`);
  process.stdout.write(
    `memory ${early.bytes} B to ${late.bytes} B, descriptors ${early.descriptors} to ${late.descriptors}\n`,
  );
  const complaints = complaintsOf(report, SECONDS);
  assert.deepEqual(complaints, [], complaints.join('; '));
});
