import { toCrd, type KindDefinition } from '@kasmcloud/kube-api';
import { stringify } from 'yaml';

const header = '# Generated from libs/kube-api by `npm run crds`: do not edit.\n';

/** File name and text of a kind's CRD: `<group>_<plural>.yaml`, as controller-gen names them. */
export function crdFile(kind: KindDefinition): [name: string, text: string] {
  const text = stringify(toCrd(kind), { lineWidth: 0, aliasDuplicateObjects: false });
  return [`${kind.group}_${kind.plural}.yaml`, header + text];
}
