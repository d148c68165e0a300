import { auctionScenarios } from './auctions.ts';
import { oddComponentScenarios } from './odd-commands.ts';
import { componentScenarios } from './components.ts';
import { configScenarios } from './configs.ts';
import type { ControlScenario } from './exchange.ts';
import { hostEnd, hostScenarios } from './hosts.ts';
import { linkScenarios } from './links.ts';
import { providerScenarios } from './providers.ts';

/** The control interface of wasmCloud 1.x as its clients use and misuse it, put to a lattice `shop` of one host. */
export const controlScenarios: readonly ControlScenario[] = [
  ...hostScenarios,
  ...configScenarios,
  ...linkScenarios,
  ...componentScenarios,
  ...oddComponentScenarios,
  ...auctionScenarios,
  ...providerScenarios,
  hostEnd,
];
