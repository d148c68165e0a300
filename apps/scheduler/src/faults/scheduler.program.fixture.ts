/** A scheduler in a process of its own, set as it always is, by its environment. Says whether it leads. */
import { createMetrics, Health, silentLogger } from '@kasmcloud/observe';
import { loadConfig } from '../config.ts';
import { Scheduler } from '../scheduler.ts';

const scheduler = new Scheduler(loadConfig(process.env), silentLogger, createMetrics(), new Health());
await scheduler.start();
let told: boolean | undefined;
setInterval(() => {
  if (told !== scheduler.isLeader) process.send?.({ isLeader: scheduler.isLeader });
  told = scheduler.isLeader;
}, 20);
process.once('disconnect', () => process.exit());
