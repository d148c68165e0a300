import { Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { WasmCloudCluster, WasmCloudHost } from '@kasmcloud/kube-api';
import type { z } from 'zod';
import { FromCaller, Needs, type Call } from './admission.ts';
import { ApiController } from './api-controller.ts';
import { Clusters } from './clusters.ts';
import { Hosts } from './hosts.ts';
import {
  clusterReply,
  clustersReply,
  hostsQuery,
  hostsReply,
  namedPath,
  type ClusterReply,
  type HostReply,
} from './shapes.ts';

@ApiController('Supercluster', '')
export class ClustersController {
  readonly #clusters: Clusters;
  readonly #hosts: Hosts;

  constructor(@Inject(Clusters) clusters: Clusters, @Inject(Hosts) hosts: Hosts) {
    this.#clusters = clusters;
    this.#hosts = hosts;
  }

  @Get('clusters')
  @Needs('list', WasmCloudCluster)
  @ApiOkResponse({ standardSchema: clustersReply, description: 'Every member cluster.' })
  listClusters(): { items: ClusterReply[] } {
    return this.#clusters.list();
  }

  @Get('clusters/:name')
  @Needs('get', WasmCloudCluster)
  @ApiOkResponse({ standardSchema: clusterReply, description: 'One member cluster.' })
  getCluster(@Param({ schema: namedPath }) path: z.infer<typeof namedPath>): ClusterReply {
    return this.#clusters.get(path.name);
  }

  @Get('hosts')
  @Needs('list', WasmCloudHost)
  @ApiOkResponse({ standardSchema: hostsReply, description: 'Hosts of all members, and what runs there.' })
  listHosts(
    @FromCaller() call: Call,
    @Query({ schema: hostsQuery }) query: z.infer<typeof hostsQuery>,
  ): Promise<{ items: HostReply[] }> {
    return this.#hosts.list(call, query.cluster);
  }
}
