import type { KindDefinition } from '../definition.ts';
import { WasmCloudActor } from './actor.ts';
import { Application } from './application.ts';
import { WasmCloudCluster } from './cluster.ts';
import { WasmCloudDistribution } from './distribution.ts';
import { GitSource } from './git-source.ts';
import { WasmCloudHostConfig } from './host-config.ts';
import { WasmCloudHost } from './host.ts';
import { WasmCloudLink } from './link.ts';
import { WasmCloudPlacement } from './placement.ts';
import { WasmCloudProvider } from './provider.ts';

/** Every kind of ours; the order is that of the generated CRD files. */
export const kinds: readonly KindDefinition[] = [
  Application,
  GitSource,
  WasmCloudActor,
  WasmCloudCluster,
  WasmCloudDistribution,
  WasmCloudHost,
  WasmCloudHostConfig,
  WasmCloudLink,
  WasmCloudPlacement,
  WasmCloudProvider,
];

/** The kinds that a member cluster needs (DESIGN §10). */
export const memberKinds: readonly KindDefinition[] = [WasmCloudActor, WasmCloudHost, WasmCloudLink, WasmCloudProvider];
