import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Gate } from '../access/gate.ts';
import { RefusedError } from '../access/refused-error.ts';
import type { Hub } from '../plan/hub.ts';
import { admit, NEED, type Need } from './admission.ts';
import { namespaceName } from './shapes.ts';

/** A request may take so long, hub and all. */
const DEADLINE_MS = 15_000;

/** Lets a request through to its controller: whose token, and whether they may. Routes without a need are closed. */
export class AccessGuard implements CanActivate {
  readonly #gate: Gate;
  readonly #hub: Pick<Hub, 'hasSynced'>;

  constructor(gate: Gate, hub: Pick<Hub, 'hasSynced'>) {
    this.#gate = gate;
    this.#hub = hub;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const caller = await this.#gate.identify(request.headers.authorization, request.ip, signal);
    const need: Need | undefined = Reflect.getMetadata(NEED, context.getHandler());
    if (need === undefined) return false;
    const right = {
      ...need,
      namespace: need.kind.namespaced ? (textOf(request.params, 'namespace') ?? queried(request)) : undefined,
      name: textOf(request.params, 'name'),
    };
    admit(request, { caller, signal, right });
    await this.#gate.require(caller, right, signal);
    // What was not read yet must not look as if it were not there.
    if (!this.#hub.hasSynced) throw new RefusedError('unavailable', 'the hub has not been read yet: try again');
    return true;
  }
}

/** A namespace in the query that cannot be one is refused later, with the reason. */
const queried = ({ query }: FastifyRequest): string | undefined =>
  namespaceName.safeParse(textOf(query, 'namespace')).data;

function textOf(fields: unknown, name: string): string | undefined {
  if (typeof fields !== 'object' || fields === null) return undefined;
  const value: unknown = Object.entries(fields).find(([key]) => key === name)?.[1];
  return typeof value === 'string' ? value : undefined;
}
