import { Body, Delete, Get, HttpCode, Inject, Param, Post, Put, Query } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOkResponse } from '@nestjs/swagger';
import { Application } from '@kasmcloud/kube-api';
import type { z } from 'zod';
import { FromCaller, Needs, type Call } from './admission.ts';
import { ApiController } from './api-controller.ts';
import { Applications } from './applications.ts';
import { ManifestBody, MANIFEST_TYPES } from './manifest-body.ts';
import * as shapes from './shapes.ts';

type Path = z.infer<typeof shapes.applicationPath>;
type Force = z.infer<typeof shapes.forceQuery>;

@ApiController('Applications', '')
export class ApplicationsController {
  readonly #applications: Applications;

  constructor(@Inject(Applications) applications: Applications) {
    this.#applications = applications;
  }

  @Get('applications')
  @Needs('list', Application)
  @ApiOkResponse({ standardSchema: shapes.applicationsReply, description: 'Applications of one or all namespaces.' })
  list(
    @Query({ schema: shapes.applicationsQuery }) query: z.infer<typeof shapes.applicationsQuery>,
  ): z.infer<typeof shapes.applicationsReply> {
    return this.#applications.list(query.namespace);
  }

  @Get('namespaces/:namespace/applications/:name')
  @Needs('get', Application)
  @ApiOkResponse({
    standardSchema: shapes.applicationReply,
    description: 'One Application, its status and a manifest.',
  })
  get(
    @FromCaller() call: Call,
    @Param({ schema: shapes.applicationPath }) path: Path,
    @Query({ schema: shapes.applicationQuery }) query: z.infer<typeof shapes.applicationQuery>,
  ): Promise<shapes.ApplicationReply> {
    return this.#applications.get(call, path, query.version);
  }

  @Get('namespaces/:namespace/applications/:name/versions')
  @Needs('get', Application)
  @ApiOkResponse({ standardSchema: shapes.versionsReply, description: 'Every version that is kept.' })
  versions(
    @FromCaller() call: Call,
    @Param({ schema: shapes.applicationPath }) path: Path,
  ): Promise<z.infer<typeof shapes.versionsReply>> {
    return this.#applications.versions(call, path);
  }

  @Put('namespaces/:namespace/applications/:name')
  @Needs('update', Application)
  @ApiConsumes(...MANIFEST_TYPES)
  @ApiBody({ schema: { type: 'object' }, description: 'A wadm manifest.' })
  @ApiOkResponse({ standardSchema: shapes.putReply, description: 'The version is stored, and deployed if wanted.' })
  put(
    @FromCaller() call: Call,
    @Param({ schema: shapes.applicationPath }) path: Path,
    @Query({ schema: shapes.putQuery }) { deploy = true, force = false }: z.infer<typeof shapes.putQuery>,
    @ManifestBody() body: Uint8Array,
  ): Promise<shapes.PutReply> {
    return this.#applications.put(call, path, body, { deploy, force });
  }

  @Delete('namespaces/:namespace/applications/:name')
  @Needs('delete', Application)
  @ApiOkResponse({ standardSchema: shapes.deleteReply, description: 'The Application, or one version, is deleted.' })
  remove(
    @FromCaller() call: Call,
    @Param({ schema: shapes.applicationPath }) path: Path,
    @Query({ schema: shapes.deleteQuery }) { version, force = false }: z.infer<typeof shapes.deleteQuery>,
  ): Promise<shapes.DeleteReply> {
    return this.#applications.remove(call, path, version, force);
  }

  @Post('namespaces/:namespace/applications/:name/deploy')
  @HttpCode(200)
  @Needs('update', Application)
  @ApiOkResponse({ standardSchema: shapes.deployReply, description: 'The version, else the latest, is deployed.' })
  deploy(
    @FromCaller() call: Call,
    @Param({ schema: shapes.applicationPath }) path: Path,
    @Query({ schema: shapes.forceQuery }) { force = false }: Force,
    @Body({ schema: shapes.deployBody }) body: z.infer<typeof shapes.deployBody>,
  ): Promise<z.infer<typeof shapes.deployReply>> {
    return this.#applications.deploy(call, path, body?.version ?? undefined, force);
  }

  @Post('namespaces/:namespace/applications/:name/undeploy')
  @HttpCode(200)
  @Needs('update', Application)
  @ApiOkResponse({ standardSchema: shapes.undeployReply, description: 'What ran ends; the versions stay.' })
  undeploy(
    @FromCaller() call: Call,
    @Param({ schema: shapes.applicationPath }) path: Path,
    @Query({ schema: shapes.forceQuery }) { force = false }: Force,
  ): Promise<z.infer<typeof shapes.undeployReply>> {
    return this.#applications.undeploy(call, path, force);
  }
}
