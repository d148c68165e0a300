import { Body, Delete, Get, HttpCode, Inject, Param, Post, Put, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse } from '@nestjs/swagger';
import { WasmCloudCluster, WasmCloudHost } from '@kasmcloud/kube-api';
import type { z } from 'zod';
import { FromCaller, Needs, type Call } from './admission.ts';
import { ApiController } from './api-controller.ts';
import { ClusterWrites } from './cluster-writes.ts';
import { Clusters } from './clusters.ts';
import { Hosts } from './hosts.ts';
import {
  clusterBody,
  clusterPath,
  clusterReply,
  clustersReply,
  clusterUsed,
  clusterUsePath,
  hostsQuery,
  hostsReply,
  namedPath,
  type ClusterReply,
  type HostReply,
} from './shapes.ts';

@ApiController('Supercluster', '')
export class ClustersController {
  readonly #clusters: Clusters;
  readonly #writes: ClusterWrites;
  readonly #hosts: Hosts;

  constructor(
    @Inject(Clusters) clusters: Clusters,
    @Inject(ClusterWrites) writes: ClusterWrites,
    @Inject(Hosts) hosts: Hosts,
  ) {
    this.#writes = writes;
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

  @Put('clusters/:name')
  @Needs('update', WasmCloudCluster)
  @ApiOkResponse({ standardSchema: clusterUsed, description: 'The cluster has joined, or has new credentials.' })
  join(
    @FromCaller() call: Call,
    @Param({ schema: clusterPath }) path: z.infer<typeof clusterPath>,
    @Body({ schema: clusterBody }) body: z.infer<typeof clusterBody>,
  ): Promise<z.infer<typeof clusterUsed>> {
    return this.#writes.join(call, path.name, body);
  }

  @Delete('clusters/:name')
  @HttpCode(202)
  @Needs('delete', WasmCloudCluster)
  @ApiAcceptedResponse({ standardSchema: clusterUsed, description: 'The cluster goes when it is empty.' })
  leave(
    @FromCaller() call: Call,
    @Param({ schema: namedPath }) path: z.infer<typeof namedPath>,
  ): Promise<z.infer<typeof clusterUsed>> {
    return this.#writes.leave(call, path.name);
  }

  @Post('clusters/:name/:use')
  @HttpCode(200)
  @Needs('patch', WasmCloudCluster)
  @ApiOkResponse({ standardSchema: clusterUsed, description: 'The cluster is cordoned, drained, or in use again.' })
  use(
    @FromCaller() call: Call,
    @Param({ schema: clusterUsePath }) path: z.infer<typeof clusterUsePath>,
  ): Promise<z.infer<typeof clusterUsed>> {
    return this.#writes.use(call, path.name, path.use);
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
