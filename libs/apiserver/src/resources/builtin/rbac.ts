import { type KubeObject, asList, asObject } from '../../object.ts';
import { type FieldError, notSupported, required } from '../../schema/field-error.ts';
import { type JsonObject, sameJson } from '../../schema/json.ts';
import type { Resource } from '../resource.ts';
import { builtin } from './builtin.ts';
import { age, printer, textAt } from './columns.ts';
import { atomic, labelSelector, listOf, object, string } from './words.ts';
import { writing } from './written.ts';

const rules = listOf(
  writing(
    object({
      verbs: listOf(string),
      apiGroups: listOf(string),
      resources: listOf(string),
      resourceNames: listOf(string),
      nonResourceURLs: listOf(string),
    }),
    { verbs: null },
  ),
);

const roleRef = writing(atomic(object({ apiGroup: string, kind: string, name: string })), {
  apiGroup: '',
  kind: '',
  name: '',
});
const subjects = listOf(object({ kind: string, apiGroup: string, name: string, namespace: string }, ['kind', 'name']));

const common = { group: 'rbac.authorization.k8s.io', version: 'v1' } as const;
const strategy = { names: 'path', createOnUpdate: true } as const;

const createdAt = {
  name: 'Created At',
  type: 'date',
  value: ({ metadata }: KubeObject): string => metadata.creationTimestamp,
};

const role = builtin({
  ...common,
  kind: 'Role',
  plural: 'roles',
  namespaced: true,
  description: 'Role is a namespaced grouping of policy rules that a RoleBinding can refer to.',
  fields: { rules },
  written: { rules: null },
  printer: printer([createdAt]),
  strategy: { ...strategy, validate: ruleErrors },
});

const clusterRole = builtin({
  ...common,
  kind: 'ClusterRole',
  plural: 'clusterroles',
  namespaced: false,
  description: 'ClusterRole is a cluster-wide grouping of policy rules that bindings can refer to.',
  written: { rules: null },
  fields: { rules, aggregationRule: object({ clusterRoleSelectors: listOf(labelSelector) }) },
  printer: printer([createdAt]),
  strategy: { ...strategy, validate: ruleErrors },
});

function ruleErrors(object: KubeObject): readonly FieldError[] {
  return asList(object['rules']).flatMap((rule, index) => {
    const { verbs, apiGroups, resources, nonResourceURLs } = asObject(rule);
    const field = `rules[${index}]`;
    const errors: FieldError[] = [];
    const needs = (name: string, value: unknown, why: string): void => {
      if (asList(value).length === 0)
        errors.push({ type: 'FieldValueRequired', field: `${field}.${name}`, message: `Required value: ${why}` });
    };
    needs('verbs', verbs, 'verbs must contain at least one value');
    if (asList(nonResourceURLs).length > 0) {
      if (object.kind === 'Role') {
        const message = `Invalid value: ${JSON.stringify(nonResourceURLs)}: namespaced rules cannot apply to non-resource URLs`;
        errors.push({ type: 'FieldValueInvalid', field: `${field}.nonResourceURLs`, message });
      }
      return errors;
    }
    needs('apiGroups', apiGroups, 'resource rules must supply at least one api group');
    needs('resources', resources, 'resource rules must supply at least one resource');
    return errors;
  });
}

function bindingErrors(next: KubeObject, old: KubeObject | undefined): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (old !== undefined && !sameJson(next['roleRef'], old['roleRef'])) {
    errors.push({
      type: 'FieldValueInvalid',
      field: 'roleRef',
      message: `Invalid value: ${JSON.stringify(next['roleRef'])}: cannot change roleRef`,
    });
  }
  const { kind: roleKind, name } = asObject(next['roleRef']);
  const roleKinds = next.kind === 'RoleBinding' ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  if (!roleKinds.includes(String(roleKind))) errors.push(notSupported('roleRef.kind', roleKind, roleKinds));
  if (name === '') errors.push(required('roleRef.name'));
  for (const [index, subject] of asList(next['subjects']).entries()) {
    const { kind } = asObject(subject);
    const field = `subjects[${index}]`;
    if (kind !== 'User' && kind !== 'Group' && kind !== 'ServiceAccount') {
      const message = `Unsupported value: ${JSON.stringify(kind)}: supported values: "ServiceAccount", "User", "Group"`;
      errors.push({ type: 'FieldValueNotSupported', field: `${field}.kind`, message });
    }
  }
  return errors;
}

const withGroup = ({ apiGroup, ...rest }: JsonObject): JsonObject => ({
  ...rest,
  apiGroup: apiGroup === undefined || apiGroup === '' ? common.group : apiGroup,
});

const apiGroupOf = (kind: unknown): string => (kind === 'User' || kind === 'Group' ? common.group : '');

function withApiGroups(object: KubeObject): KubeObject {
  const subjects = asList(object['subjects']).map((subject) => {
    const fields = asObject(subject);
    const apiGroup = fields['apiGroup'] ?? apiGroupOf(fields['kind']);
    return apiGroup === '' ? fields : { ...fields, apiGroup };
  });
  return {
    ...object,
    roleRef: withGroup(asObject(object['roleRef'])),
    ...(subjects.length === 0 ? {} : { subjects }),
  };
}

const roleColumn = {
  name: 'Role',
  value: (object: KubeObject): string => `${textAt(object, 'roleRef.kind')}/${textAt(object, 'roleRef.name')}`,
};

const subjectColumn = (name: string, kind: string): Parameters<typeof printer>[0][number] => ({
  name,
  priority: 1,
  value: (object) =>
    asList(object['subjects'])
      .map((subject) => asObject(subject))
      .filter((subject) => subject['kind'] === kind)
      .map((subject) => [...(kind === 'ServiceAccount' ? [subject['namespace']] : []), subject['name']].join('/'))
      .join(', '),
});

const bindingColumns = [
  roleColumn,
  age,
  subjectColumn('Users', 'User'),
  subjectColumn('Groups', 'Group'),
  subjectColumn('ServiceAccounts', 'ServiceAccount'),
];

const bindingStrategy = {
  ...strategy,
  complete: withApiGroups,
  validate: bindingErrors,
};

const roleBinding = builtin({
  ...common,
  kind: 'RoleBinding',
  plural: 'rolebindings',
  namespaced: true,
  description: 'RoleBinding references a role, but does not contain it, and grants it within a namespace.',
  fields: { roleRef, subjects },
  written: { roleRef: {} },
  printer: printer(bindingColumns),
  strategy: bindingStrategy,
});

const clusterRoleBinding = builtin({
  ...common,
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  namespaced: false,
  description: 'ClusterRoleBinding references a ClusterRole and grants it in every namespace.',
  fields: { roleRef, subjects },
  written: { roleRef: {} },
  printer: printer(bindingColumns),
  strategy: bindingStrategy,
});

export const rbacResources: readonly Resource[] = [role, clusterRole, roleBinding, clusterRoleBinding];
