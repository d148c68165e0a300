import {
  annotations,
  builtin,
  labels,
  typeMeta,
  WasmCloudProvider,
  type ContainerProviderObject,
  type KubeObject,
} from '@kasmcloud/kube-api';
import { HOST_DATA_VARIABLE } from '@kasmcloud/wire';
import { MANAGED_BY } from '../dispatch/desired.ts';

/** Where the pods of a provider find what they are told. */
const FOLDER = '/var/run/kasmcloud';
const FILE = 'host-data';

/** The Secret that holds a provider's host data. */
export const secretName = (provider: string): string => `${provider}-host-data`;

/** Made for the provider, and gone with it. */
const metadataOf = (name: string, { metadata }: ContainerProviderObject): KubeObject['metadata'] => ({
  name,
  namespace: metadata.namespace ?? '',
  labels: { [labels.managedBy]: MANAGED_BY, [labels.provider]: metadata.name },
  ownerReferences: [
    {
      ...typeMeta(WasmCloudProvider),
      name: metadata.name,
      uid: metadata.uid ?? '',
      controller: true,
    },
  ],
});

/** Whether an object was made for this provider, and not for another or by somebody else. */
export const isOwnedBy = (object: Pick<KubeObject, 'metadata'>, { metadata }: ContainerProviderObject): boolean =>
  object.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid) ?? false;

/** `line` is the host data as a host would write it; `told` names what is in it. */
export const hostDataSecret = (
  provider: ContainerProviderObject,
  line: string,
  told: string,
): Pick<KubeObject, 'metadata'> & { readonly data: Readonly<Record<string, string>> } => ({
  ...typeMeta(builtin.Secret),
  metadata: {
    ...metadataOf(secretName(provider.metadata.name), provider),
    annotations: { [annotations.hostData]: told },
  },
  data: { [FILE]: Buffer.from(line).toString('base64') },
});

/** What pods of a provider may not do, wherever they run: the "restricted" level of Kubernetes. */
const restricted = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};

/** The pods of a provider; another `told` rolls them. */
export function deploymentOf(
  provider: ContainerProviderObject,
  told: string,
): Pick<KubeObject, 'metadata'> & { readonly spec: object } {
  const { metadata, spec } = provider;
  const { replicas = 1, command, args, env = [], resources, imagePullSecrets = [] } = spec.container;
  const selected = { [labels.provider]: metadata.name };
  return {
    ...typeMeta(builtin.Deployment),
    metadata: metadataOf(metadata.name, provider),
    spec: {
      replicas,
      selector: { matchLabels: selected },
      template: {
        metadata: { labels: selected, annotations: { [annotations.hostData]: told } },
        spec: {
          automountServiceAccountToken: false,
          imagePullSecrets: imagePullSecrets.map((name) => ({ name })),
          containers: [
            {
              name: 'provider',
              image: spec.image,
              ...(command !== undefined && { command }),
              ...(args !== undefined && { args }),
              ...(resources !== undefined && { resources }),
              env: [...env, { name: HOST_DATA_VARIABLE, value: `${FOLDER}/${FILE}` }],
              securityContext: restricted,
              volumeMounts: [{ name: FILE, mountPath: FOLDER, readOnly: true }],
            },
          ],
          volumes: [{ name: FILE, secret: { secretName: secretName(metadata.name) } }],
        },
      },
    },
  };
}
