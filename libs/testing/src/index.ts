export { startApp } from './app.ts';
export { startTestApiServer, type TestApiServer, type TestApiServerOptions } from './api-server.ts';
export { registryUser, startDockerRegistry, type DockerRegistry } from './docker-registry.ts';
export {
  cosignSign,
  imagePolicy,
  pushBundles,
  pushSignatures,
  signatureBundle,
  simpleSigning,
  type SignedImage,
} from './cosign.ts';
export { FakeClock, settle } from './fake-clock.ts';
export { startNats, type NatsOptions, type NatsServer } from './nats-server.ts';
export { startRedis, type RedisServer } from './redis-server.ts';
export { findProgram, freePort, LaunchedProgram, LaunchError, type Launch } from './launched-program.ts';
export {
  json,
  startScriptedServer,
  type Answer,
  type ScriptedRequest,
  type ScriptedServer,
} from './scripted-server.ts';
export { startS3, type S3Server } from './s3-server.ts';
export { SimulatedLegacyHost } from './legacy-host.ts';
export { startOtlpCollector, type CollectedSpan, type OtlpCollector } from './otlp-collector.ts';
export { layTcpLine, type TcpLine } from './tcp-line.ts';
export { readWadmManifest, wadmManifests, type WadmManifest } from './wadm/manifests.ts';
export { exchangeWadm, type WadmExchange, type WadmScenario } from './wadm/exchange.ts';
export { wadmScenarios } from './wadm/exchanges.ts';
export { controlScenarios } from './control/scenarios.ts';
export type { ControlExchange, ControlScenario, Outcome } from './control/exchange.ts';
export { ControlParty, type ControlNames } from './control/party.ts';
export { packProvider, packTar, type PackedProvider } from './provider-archive.ts';
