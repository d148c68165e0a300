import { createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import type { Kind } from '@kasmcloud/kube-api';
import type { Caller } from '../access/gate.ts';
import type { Right, Verb } from '../access/reviews.ts';

/** What every service of the API is called with besides its own arguments. */
export interface Call {
  readonly caller: Caller;
  /** Ends the work when the request has taken too long. */
  readonly signal: AbortSignal;
}

/** The right that a route needs; namespace and name come from its path, or the namespace from its query. */
export interface Need {
  readonly verb: Verb;
  readonly kind: Kind;
}

export const NEED = 'kasmcloud:need';

export const Needs = (verb: Verb, kind: Kind): MethodDecorator & ClassDecorator =>
  SetMetadata(NEED, { verb, kind } satisfies Need);

/** A request that was let in, and the right for which. */
export interface Admission extends Call {
  readonly right: Right;
}

/** Admissions live as long as their requests, and nobody else can put one in. */
const admissions = new WeakMap<object, Admission>();

export const admit = (request: object, admission: Admission): void => void admissions.set(request, admission);
export const admissionOf = (request: object): Admission | undefined => admissions.get(request);

/** The caller of a route that the guard has let in. */
export const FromCaller = createParamDecorator((_: unknown, context: ExecutionContext): Call => {
  const admission = admissionOf(context.switchToHttp().getRequest<object>());
  if (admission === undefined) throw new TypeError('a route without the access guard was called');
  return admission;
});
