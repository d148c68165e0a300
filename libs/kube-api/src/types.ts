import type { z } from 'zod';
import type { actorLimits, actorSpec, actorStatus } from './kinds/actor.ts';
import type { applicationSpec, applicationStatus } from './kinds/application.ts';
import type { clusterSpec, clusterStatus } from './kinds/cluster.ts';
import type { distributionSpec, distributionStatus } from './kinds/distribution.ts';
import type { gitSourceSpec, gitSourceStatus } from './kinds/git-source.ts';
import type { hostSpec, hostStatus } from './kinds/host.ts';
import type { linkSpec, linkStatus } from './kinds/link.ts';
import type { placementSpec, placementStatus } from './kinds/placement.ts';
import type { providerContainer, providerSpec, providerStatus } from './kinds/provider.ts';
import type { KubeObject } from './object.ts';

export type ActorLimits = z.infer<typeof actorLimits>;
export type ActorSpec = z.infer<typeof actorSpec>;
export type ActorStatus = z.infer<typeof actorStatus>;
export type ApplicationSpec = z.infer<typeof applicationSpec>;
export type ApplicationStatus = z.infer<typeof applicationStatus>;
export type ClusterSpec = z.infer<typeof clusterSpec>;
export type ClusterStatus = z.infer<typeof clusterStatus>;
export type DistributionSpec = z.infer<typeof distributionSpec>;
export type DistributionStatus = z.infer<typeof distributionStatus>;
export type GitSourceSpec = z.infer<typeof gitSourceSpec>;
export type GitSourceStatus = z.infer<typeof gitSourceStatus>;
export type HostSpec = z.infer<typeof hostSpec>;
export type HostStatus = z.infer<typeof hostStatus>;
export type LinkSpec = z.infer<typeof linkSpec>;
export type LinkStatus = z.infer<typeof linkStatus>;
export type PlacementSpec = z.infer<typeof placementSpec>;
export type PlacementStatus = z.infer<typeof placementStatus>;
type AnyProviderSpec = z.infer<typeof providerSpec>;
/** Of a provider on a host. */
export type ProviderSpec = Omit<AnyProviderSpec, 'hostName' | 'container'> & { hostName: string };
export type ProviderContainer = z.infer<typeof providerContainer>;
/** Of a provider in pods of its own. */
export type ContainerProviderSpec = Omit<AnyProviderSpec, 'hostName' | 'container'> & { container: ProviderContainer };
export type ProviderStatus = z.infer<typeof providerStatus>;

export type ActorObject = KubeObject<ActorSpec, ActorStatus>;
export type ApplicationObject = KubeObject<ApplicationSpec, ApplicationStatus>;
export type ClusterObject = KubeObject<ClusterSpec, ClusterStatus>;
export type DistributionObject = KubeObject<DistributionSpec, DistributionStatus>;
export type GitSourceObject = KubeObject<GitSourceSpec, GitSourceStatus>;
export type HostObject = KubeObject<HostSpec, HostStatus>;
export type LinkObject = KubeObject<LinkSpec, LinkStatus>;
export type PlacementObject = KubeObject<PlacementSpec, PlacementStatus>;
export type ProviderObject = KubeObject<ProviderSpec, ProviderStatus>;
export type ContainerProviderObject = KubeObject<ContainerProviderSpec, ProviderStatus>;
/** What runs in a member: on a host, or in pods of its own. */
export type WorkloadObject = ActorObject | ProviderObject | ContainerProviderObject;
