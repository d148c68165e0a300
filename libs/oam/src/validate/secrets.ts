import { SECRET_POLICY, type Application, type Secret } from '../application.ts';
import type { Problems } from '../problem.ts';

/** Every secret names a policy of the right type with a backend. */
export function checkSecrets({ components, policies }: Application, problems: Problems): void {
  const byName = new Map(policies.map((policy) => [policy.name, policy]));
  for (const { name, policy: wanted, path } of components.flatMap(secretsOf)) {
    const policy = byName.get(wanted);
    const at = [...path, 'properties', 'policy'];
    if (policy === undefined) problems.error(at, `secret '${name}' is mapped to unknown policy '${wanted}'`);
    else if (policy.type !== SECRET_POLICY)
      problems.error(
        at,
        `secret '${name}' is mapped to policy '${wanted}' which is not a secret policy. Expected type '${SECRET_POLICY}'`,
      );
    else if (!Object.hasOwn(policy.properties, 'backend'))
      problems.error(
        at,
        `secret '${name}' is mapped to policy '${wanted}' which does not include a 'backend' property`,
      );
  }
}

function secretsOf({ secrets, traits }: Application['components'][number]): Secret[] {
  const ofLinks = traits.flatMap((trait) =>
    trait.kind === 'Link' ? [...trait.source.secrets, ...trait.destination.secrets] : [],
  );
  return [...secrets, ...ofLinks];
}
