import { manifestJsonSchema } from '@kasmcloud/kube-api';

/** File name and text of the JSON Schema of a wadm manifest. */
export const schemaFile = (): [name: string, text: string] => [
  'application.schema.json',
  `${JSON.stringify(manifestJsonSchema(), null, 2)}\n`,
];
