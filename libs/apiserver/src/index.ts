export { kubeconfig } from './kubeconfig.ts';
export { startApiServer } from './api-server.ts';
export type { ApiServerOptions, RunningApiServer } from './api-server.ts';
export { controllerNames } from './controllers/index.ts';
export type { ControllerName } from './controllers/index.ts';
export type { StaticToken } from './auth/authenticator.ts';
export type { WatchLimits } from './http/watch-stream.ts';
export { StoreFormatError } from './store/sqlite-journal.ts';
