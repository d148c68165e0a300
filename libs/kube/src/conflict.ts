import { ConflictError } from './errors.ts';

const ATTEMPTS = 5;

/**
 * Reads and writes again when another write came between, a few times (client-go's RetryOnConflict). `attempt` reads what it
 * changes anew each time. @throws {ConflictError} when somebody else is always faster
 */
export async function retryOnConflict<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = ATTEMPTS - 1; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ConflictError) || left === 0) throw error;
    }
  }
}
