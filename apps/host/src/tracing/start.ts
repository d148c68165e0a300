import { startTracing, type Logger, type Tracing } from '@kasmcloud/observe';
import type { Config } from '../config.ts';
import { VERSION } from '../version.ts';

/** Traces of one host process, as its environment says. */
export const startHostTracing = (
  { tracing: settings, hostName }: Pick<Config, 'tracing' | 'hostName'>,
  logger: Logger,
): Promise<Tracing> => {
  const resource = { 'service.version': VERSION, 'service.instance.id': hostName, 'kasmcloud.host': hostName };
  return startTracing({ settings, service: 'kasmcloud-host', resource, logger });
};
