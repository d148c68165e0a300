import { CAPACITY_PREFIX, DEFAULT_HOST_INSTANCES } from '@kasmcloud/kube-api';

/** As many resources as the schema of a host takes. */
const MAX_RESOURCES = 32;
/** A Kubernetes quantity that is not negative; the units that a resource of a host can have. */
const QUANTITY = /^\d{1,15}(\.\d{1,9})?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/;
const RESOURCE = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

type Texts = Readonly<Record<string, string>>;

/**
 * What may be placed on a legacy host, which tells no capacity itself: what its operator wrote on the WasmCloudHost
 * (`capacity.kasmcloud.io/<resource>` annotations), else what the host's own labels of those names say, else a number of
 * instances and no other resource. What is no quantity is passed over.
 */
export function capacityOf(annotations: Texts, labels: Texts): Record<string, string> {
  const stated = { ...quantitiesIn(labels), ...quantitiesIn(annotations) };
  const names = Object.keys(stated)
    .toSorted((a, b) => (a < b ? -1 : 1))
    .slice(0, MAX_RESOURCES - 1);
  return {
    instances: stated['instances'] ?? String(DEFAULT_HOST_INSTANCES),
    ...Object.fromEntries(names.map((name) => [name, stated[name] ?? ''])),
  };
}

const quantitiesIn = (texts: Texts): Record<string, string> =>
  Object.fromEntries(
    Object.entries(texts)
      .filter(([key, value]) => key.startsWith(CAPACITY_PREFIX) && QUANTITY.test(value))
      .map(([key, value]) => [key.slice(CAPACITY_PREFIX.length), value])
      .filter(([name = '']) => RESOURCE.test(name)),
  );
