/** The bytes are not a component that can run here. `offset` is the byte at which that showed, where there is one. */
export class ComponentError extends Error {
  override readonly name = 'ComponentError';
  readonly offset: number | undefined;

  constructor(reason: string, offset?: number, options?: ErrorOptions) {
    super(offset === undefined ? reason : `${reason} (at byte ${offset})`, options);
    this.offset = offset;
  }
}

/** The component needs imports that nobody provides: `missing` has each as `ns:pkg/iface.func`. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
  readonly missing: readonly string[];

  constructor(missing: readonly string[], reason = 'nobody provides') {
    super(`${reason} ${missing.join(', ')}`);
    this.missing = missing;
  }
}

/** The guest trapped, or an import failed in a way that its type cannot say. Its instance is gone. */
export class TrapError extends Error {
  override readonly name = 'TrapError';
}

/** The worker ended, or did not come to it: that says nothing about the component, which may be tried again. */
export class WorkerLostError extends Error {
  override readonly name = 'WorkerLostError';

  constructor(reason: string) {
    super(`the worker stopped: ${reason}`);
  }
}

/** The call did not end in time. Its instance is gone. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  readonly deadlineMs: number;

  constructor(what: string, deadlineMs: number) {
    super(`${what} did not end within ${deadlineMs} ms`);
    this.deadlineMs = deadlineMs;
  }
}

/** All instances are busy and the queue before them is full. */
export class OverloadedError extends Error {
  override readonly name = 'OverloadedError';

  constructor(what: string, instances: number, queued: number) {
    super(`${what} is overloaded: ${instances} instances are busy and ${queued} calls wait`);
  }
}

/** The component was closed, or drains, and takes no more calls. */
export class ClosedError extends Error {
  override readonly name = 'ClosedError';
}

/** The error case of a WIT `result`, as a value. An import throws it to return that case; a call rejects with it. */
export class WitError extends Error {
  override readonly name = 'WitError';
  readonly payload: unknown;

  constructor(payload: unknown) {
    super(`result error: ${describe(payload)}`);
    this.payload = payload;
  }
}

const describe = (payload: unknown): string => {
  if (typeof payload === 'string') return payload;
  const text = JSON.stringify(payload, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  return text ?? 'no payload';
};
