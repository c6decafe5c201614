// One entry as the command that it is.
import {
  TerminalAnswerDocument,
  TerminalCallDocument,
  TerminalFinishDocument,
  TerminalMachineDocument,
  TerminalPauseDocument,
  TerminalReportDocument,
  TerminalSolveDocument,
  TerminalStartDocument,
} from '../../../api/generated/terminal';
import { Refusal } from '../../../api/post';
import type { Door } from './door';
import type { Entry } from './entry';

interface Payload {
  position?: string | null;
  userErrors: { code: string; field?: string | null; message: string }[];
}

function check(payload: Payload | null | undefined): string | null | undefined {
  if (payload == null) throw new Refusal('NOT_FOUND', 'there is no such command for you');
  const refused = payload.userErrors[0];
  if (refused !== undefined) throw new Refusal(refused.code, refused.message, refused.field);
  return payload.position;
}

/** Sends it; tells the position from which on its effect is to be seen. */
export async function send(door: Door, { deed, commandId, happenedAt, visit: { operatorId } }: Entry): Promise<string | null | undefined> {
  const always = { commandId, happenedAt };
  if (deed.kind === 'machine') {
    const { machineId, status, reason } = deed;
    return check((await door.ask(TerminalMachineDocument, { input: { ...always, machineId, status, reason } })).changeMachineStatus);
  }
  const operation = { ...always, jobId: deed.jobId, operation: deed.operation };
  if (deed.kind === 'call') {
    const { reason, machineId } = deed;
    return check((await door.ask(TerminalCallDocument, { input: { ...operation, reason, machineId } })).callAndon);
  }
  if (deed.kind === 'answer' || deed.kind === 'solve') {
    const input = { ...operation, callId: deed.callId };
    if (deed.kind === 'answer') return check((await door.ask(TerminalAnswerDocument, { input })).answerAndon);
    return check((await door.ask(TerminalSolveDocument, { input })).endAndon);
  }
  const on = { ...operation, operatorId };
  if (deed.kind === 'start') {
    const { phase, machineId } = deed;
    return check((await door.ask(TerminalStartDocument, { input: { ...on, phase, machineId } })).startOperation);
  }
  if (deed.kind === 'pause') {
    return check((await door.ask(TerminalPauseDocument, { input: { ...on, reason: deed.reason } })).pauseOperation);
  }
  const { good, scrap, scrapReason } = deed;
  const input = { ...on, good, scrap, scrapReason };
  if (deed.kind === 'report') return check((await door.ask(TerminalReportDocument, { input })).reportQuantity);
  return check((await door.ask(TerminalFinishDocument, { input })).finishOperation);
}
