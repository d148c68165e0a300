import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Problem } from '@kasmcloud/oam';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { RefusedError, type Detail } from '../access/refused-error.ts';

const YAML_TYPES = ['application/yaml', 'application/x-yaml', 'text/yaml'] as const;
/** Content types of manifests. */
export const MANIFEST_TYPES: readonly string[] = ['application/json', YAML_TYPES[0]];

/** Lets YAML in, unread; needs the application option `rawBody`. */
export function acceptYaml(app: NestFastifyApplication): void {
  for (const type of YAML_TYPES) app.useBodyParser(type, {}, (_request, _body, done) => done(null, undefined));
}

/** The body as it was sent: one reader for YAML and JSON, which knows duplicate keys, lines and columns. */
export const ManifestBody = createParamDecorator((_: unknown, context: ExecutionContext): Uint8Array => {
  const { rawBody } = context.switchToHttp().getRequest<{ readonly rawBody?: Uint8Array }>();
  if (rawBody !== undefined && rawBody.length > 0) return rawBody;
  throw new RefusedError('invalid', `send a manifest as the body, as ${MANIFEST_TYPES.join(' or ')}`);
});

export const invalidManifest = (problems: readonly Problem[]): RefusedError =>
  new RefusedError('invalid', 'the manifest is not valid', { details: problems.map(toDetail) });

const toDetail = ({ field, message, position }: Problem): Detail => ({ field, message, ...position });
