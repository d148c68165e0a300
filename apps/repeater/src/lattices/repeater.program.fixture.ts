/** A repeater in a process of its own, set as it always is, by its environment. */
import { createLogger, createMetrics } from '@kasmcloud/observe';
import { loadConfig } from '../config.ts';
import { RepeaterService } from '../service.ts';

const config = loadConfig(process.env);
const service = new RepeaterService(
  config,
  createLogger({ service: 'repeater', level: config.logLevel }),
  createMetrics(),
);
service.start();
process.send?.('started');
process.once('disconnect', () => process.exit());
