import { UserError } from '../user-error.ts';

/** The options as commander gives them. */
export interface RawApiServerOptions {
  readonly name: string;
  readonly data: string;
  readonly host: string;
  readonly port: string;
  readonly kubeconfig?: string;
  readonly crds?: boolean;
}

export interface ApiServerRunOptions {
  readonly name: string;
  /** Folder that keeps everything; undefined keeps nothing. */
  readonly data: string | undefined;
  readonly host: string;
  readonly port: number;
  /** File for the kubeconfig; undefined is stdout. */
  readonly kubeconfig: string | undefined;
  readonly crds: boolean;
}

const IN_MEMORY = ':memory:';

/** Throws UserError naming the option that is wrong. */
export function parseApiServerOptions(raw: RawApiServerOptions): ApiServerRunOptions {
  const port = Number(raw.port);
  if (!/^\d{1,5}$/.test(raw.port) || port > 65_535) throw new UserError(`--port: "${raw.port}" is no port`);
  if (raw.data === '') throw new UserError(`--data: name a folder, or ${IN_MEMORY}`);
  return {
    name: raw.name,
    data: raw.data === IN_MEMORY ? undefined : raw.data,
    host: raw.host,
    port,
    kubeconfig: raw.kubeconfig,
    crds: raw.crds === true,
  };
}
