export { cacheFolder, presentAssets } from './folder.ts';
export { kubernetesVersion } from './pinned.ts';
