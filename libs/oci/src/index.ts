export { providerArtifact, type Artifact } from './artifact.ts';
export { parseDockerConfig, type CredentialEntry, type Credentials } from './credentials.ts';
export { OciError, type OciReason } from './error.ts';
export { OciImages, type OciImage, type OciImagesOptions, type PullOptions } from './images.ts';
export { parsePolicies, PolicyError, type ImagePolicy } from './signatures/policy.ts';
export type { SignatureOptions, Verdict } from './signatures/verifier.ts';
export { formatReference, parseReference, type ImageReference } from './reference.ts';
export {
  ArchiveError,
  archiveTarget,
  isArchive,
  readProviderArchive,
  type ArchiveOptions,
  type ProviderProgram,
} from './provider-archive.ts';
