export { parseDockerConfig, type CredentialEntry, type Credentials } from './credentials.ts';
export { OciError, type OciReason } from './error.ts';
export { OciImages, type OciImage, type OciImagesOptions, type PullOptions } from './images.ts';
export { formatReference, parseReference, type ImageReference } from './reference.ts';
