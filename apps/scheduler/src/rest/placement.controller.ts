import { Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiConsumes, ApiOkResponse } from '@nestjs/swagger';
import { GitSource, WasmCloudDistribution, WasmCloudHost } from '@kasmcloud/kube-api';
import type { Explanation } from '@kasmcloud/placement';
import type { z } from 'zod';
import { FromCaller, Needs, type Call } from './admission.ts';
import { ApiController } from './api-controller.ts';
import { Distributions } from './distributions.ts';
import { GitSources } from './git-sources.ts';
import { ManifestBody, MANIFEST_TYPES } from './manifest-body.ts';
import { PlanPreview } from './plan.ts';
import * as shapes from './shapes.ts';

@ApiController('Placement', '')
export class PlacementController {
  readonly #distributions: Distributions;
  readonly #plan: PlanPreview;
  readonly #gitSources: GitSources;

  constructor(
    @Inject(Distributions) distributions: Distributions,
    @Inject(PlanPreview) plan: PlanPreview,
    @Inject(GitSources) gitSources: GitSources,
  ) {
    this.#distributions = distributions;
    this.#plan = plan;
    this.#gitSources = gitSources;
  }

  @Get('namespaces/:namespace/distributions')
  @Needs('list', WasmCloudDistribution)
  @ApiOkResponse({ standardSchema: shapes.distributionsReply, description: 'Distributions of a namespace.' })
  list(
    @Param({ schema: shapes.namespacePath }) path: z.infer<typeof shapes.namespacePath>,
  ): z.infer<typeof shapes.distributionsReply> {
    return this.#distributions.list(path.namespace);
  }

  @Get('namespaces/:namespace/distributions/:name')
  @Needs('get', WasmCloudDistribution)
  @ApiOkResponse({ standardSchema: shapes.distributionReply, description: 'One Distribution, and where it runs.' })
  get(@Param({ schema: shapes.namespacedPath }) path: z.infer<typeof shapes.namespacedPath>): shapes.DistributionReply {
    return this.#distributions.get(path.namespace, path.name);
  }

  @Get('namespaces/:namespace/distributions/:name/explain')
  @Needs('get', WasmCloudDistribution)
  @ApiOkResponse({ standardSchema: shapes.explainReply, description: 'Why it is where it is, and what would help.' })
  explain(@Param({ schema: shapes.namespacedPath }) path: z.infer<typeof shapes.namespacedPath>): Explanation {
    return this.#plan.explain(path.namespace, path.name);
  }

  @Post('plan')
  @HttpCode(200)
  @Needs('list', WasmCloudHost)
  @ApiConsumes(...MANIFEST_TYPES)
  @ApiBody({ schema: { type: 'object' }, description: 'Applications and Distributions, one or many documents.' })
  @ApiOkResponse({ standardSchema: shapes.planReply, description: 'What would run where. Nothing is written.' })
  preview(
    @FromCaller() call: Call,
    @Query({ schema: shapes.planQuery }) query: z.infer<typeof shapes.planQuery>,
    @ManifestBody() body: Uint8Array,
  ): Promise<shapes.PlanReply> {
    return this.#plan.preview(call, body, query.namespace);
  }

  @Post('namespaces/:namespace/gitsources/:name/sync')
  @HttpCode(202)
  @Needs('patch', GitSource)
  @ApiAcceptedResponse({ standardSchema: shapes.syncReply, description: 'The repository is looked at now.' })
  sync(
    @FromCaller() call: Call,
    @Param({ schema: shapes.namespacedPath }) path: z.infer<typeof shapes.namespacedPath>,
  ): Promise<z.infer<typeof shapes.syncReply>> {
    return this.#gitSources.sync(call, path.namespace, path.name);
  }
}
