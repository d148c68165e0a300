import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Gate } from '../access/gate.ts';
import { admit, NEED, type Need } from './admission.ts';
import { namespaceName } from './shapes.ts';

/** A request may take so long, hub and all. */
const DEADLINE_MS = 15_000;

/** Lets a request through to its controller: whose token, and whether they may. Routes without a need are closed. */
export class AccessGuard implements CanActivate {
  readonly #gate: Gate;

  constructor(gate: Gate) {
    this.#gate = gate;
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
