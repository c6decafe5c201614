import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CodegenConfig } from '@graphql-codegen/cli';

/** Folders of src that have documents: each becomes one file, so that a screen brings its own and no other's. */
const folders = new Set(
  readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.graphql'))
    .map((path) => dirname(path)),
);

/** Fragments about the plan, for the folders whose documents take them. */
const SHARED = 'src/api/fragments/plan.graphql';

function documentsOf(folder: string): string[] {
  const own = readdirSync(join('src', folder)).filter((name) => name.endsWith('.graphql'));
  const takes = own.some((name) => /\.\.\.(Clash|Named)\b/.test(readFileSync(join('src', folder, name), 'utf8')));
  return [`src/${folder}/*.graphql`, ...(takes ? [SHARED] : [])];
}

const config: CodegenConfig = {
  schema: '../../schema.graphql',
  generates: Object.fromEntries(
    [...folders].map((folder) => [
      join('src/api/generated', `${folder.replace(/^screens\//, '').replaceAll('/', '-')}.ts`),
      {
        documents: documentsOf(folder),
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
