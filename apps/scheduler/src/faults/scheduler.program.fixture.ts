/** A scheduler in a process of its own, set as it always is, by its environment. Says whether it leads. */
import { createLogger, createMetrics, Health } from '@kasmcloud/observe';
import { loadConfig } from '../config.ts';
import { Scheduler } from '../scheduler.ts';

const config = loadConfig(process.env);
const logger = createLogger({ service: 'scheduler', level: config.logLevel });
const scheduler = new Scheduler(config, logger, createMetrics(), new Health());
await scheduler.start();
let told: boolean | undefined;
setInterval(() => {
  if (told !== scheduler.isLeader) process.send?.({ isLeader: scheduler.isLeader });
  told = scheduler.isLeader;
}, 20);
process.once('disconnect', () => process.exit());
