// What is asked of Kilter for a file, in order: places before machines, machines before jobs. Each command has an id that follows from
// what it says and in which company: the same file again, after a crash or by a colleague, does nothing twice.

export interface Command {
  mutation: 'createWorkCenter' | 'registerMachine' | 'registerOperator' | 'grantSkill' | 'createJob';
  input: object;
  /** What it is about, for who reads why it was not done. */
  about: string;
  row?: number;
}

export interface Numbered extends Command {
  commandId: string;
}

const INPUTS: Record<Command['mutation'], string> = {
  createWorkCenter: 'CreateWorkCenterInput',
  registerMachine: 'RegisterMachineInput',
  registerOperator: 'RegisterOperatorInput',
  grantSkill: 'GrantSkillInput',
  createJob: 'CreateJobInput',
};

/** A UUID of these texts: the same today and tomorrow (version 8: made by a rule of one's own). */
export async function idOf(...texts: string[]): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify(texts)));
  const bytes = new Uint8Array(hash).slice(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export const numbered = (commands: Command[], tenant: string): Promise<Numbered[]> =>
  Promise.all(
    commands.map(async (command) => ({
      ...command,
      commandId: await idOf(tenant, 'import', command.mutation, JSON.stringify(command.input)),
    })),
  );

/** As many as one document takes. */
export const AT_ONCE = 20;
/** A body may have 1 MiB; what one command says besides is little. */
const MOST_CHARACTERS = 250_000;

/** The commands in batches, in their order. What is asked together is of one kind: the one may need what the other makes. */
export function batches(commands: readonly Command[]): Command[][] {
  const made: Command[][] = [];
  let size = 0;
  for (const command of commands) {
    const [batch, length] = [made.at(-1), JSON.stringify(command.input).length];
    if (batch === undefined || batch[0]?.mutation !== command.mutation || batch.length === AT_ONCE || size + length > MOST_CHARACTERS) {
      made.push([command]);
      size = length;
    } else {
      batch.push(command);
      size += length;
    }
  }
  return made;
}

/** One document for a batch; the answers come under `c0`, `c1` … */
export function documentOf(batch: readonly Numbered[]): { document: string; variables: Record<string, object> } {
  const takes = batch.map(({ mutation }, at) => `$i${at}: ${INPUTS[mutation]}!`).join(', ');
  const asks = batch
    .map(({ mutation }, at) => `c${at}: ${mutation}(input: $i${at}) { appended userErrors { code field message } }`)
    .join('\n  ');
  const variables = Object.fromEntries(batch.map(({ input, commandId }, at) => [`i${at}`, { ...input, commandId }]));
  return { document: `mutation Import(${takes}) {\n  ${asks}\n}`, variables };
}
