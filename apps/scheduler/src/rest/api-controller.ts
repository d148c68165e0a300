import { applyDecorators, Controller } from '@nestjs/common';
import { ApiBearerAuth, ApiResponse, ApiTags } from '@nestjs/swagger';
import { errorReply } from './shapes.ts';

export const API = 'api/v1';

/** A controller of the REST API: its place, and what all of its routes have in common. */
export const ApiController = (tag: string, path: string): ClassDecorator =>
  applyDecorators(
    Controller(`${API}${path === '' ? '' : `/${path}`}`),
    ApiTags(tag),
    ApiBearerAuth(),
    ApiResponse({ status: 'default', standardSchema: errorReply, description: 'A refusal.' }),
  );
