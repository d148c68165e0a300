import { expect, test } from 'vitest';
import { retryOnConflict } from './conflict.ts';
import { ConflictError, NotFoundError } from './errors.ts';

const refusal = {
  request: 'PATCH /thing',
  status: 409,
  reason: 'Conflict',
  message: 'modified',
  details: {},
  causes: [],
  retryAfterMs: undefined,
};

/** Fails so many times, then tells how often it was tried. */
function failing(times: number, error: Error): () => Promise<number> {
  let tries = 0;
  return async () => {
    tries += 1;
    if (tries <= times) throw error;
    return tries;
  };
}

test('what another write came between is tried again, a few times', async () => {
  expect(await retryOnConflict(failing(0, new ConflictError(refusal)))).toBe(1);
  expect(await retryOnConflict(failing(4, new ConflictError(refusal)))).toBe(5);
  await expect(retryOnConflict(failing(5, new ConflictError(refusal)))).rejects.toThrow(ConflictError);
});

test('what fails for another reason is not', async () => {
  await expect(retryOnConflict(failing(1, new NotFoundError(refusal)))).rejects.toThrow(NotFoundError);
});
