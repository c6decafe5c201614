import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CodegenConfig } from '@graphql-codegen/cli';

/** Folders of src that have documents: each becomes one file, so that a screen brings its own and no other's. */
const folders = new Set(
  readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.graphql'))
    .map((path) => dirname(path)),
);

const config: CodegenConfig = {
  schema: '../../schema.graphql',
  generates: Object.fromEntries(
    [...folders].map((folder) => [
      join('src/api/generated', `${folder.replace(/^screens\//, '').replaceAll('/', '-')}.ts`),
      {
        documents: `src/${folder}/*.graphql`,
        plugins: ['typescript-operations', 'typed-document-node'],
        config: {
          documentMode: 'string',
          enumType: 'string-literal',
          useTypeImports: true,
          strictScalars: true,
          skipTypename: true,
          dedupeFragments: true,
          scalars: {
            DateTime: 'string',
            Date: 'string',
            Decimal: 'string',
            LocalTime: 'string',
            Position: 'string',
            Revision: 'string',
            Seconds: 'number',
            UUID: 'string',
          },
        },
      },
    ]),
  ),
};

export default config;
