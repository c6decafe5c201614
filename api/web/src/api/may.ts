// What each role may do: tests/goldens/roles.md holds it. A screen asks before it offers something; the server decides.
import type { SessionQuery } from './generated/api';

export type Role = SessionQuery['viewer']['role'];

const EVERYBODY: Role[] = ['ADMIN', 'MANAGER', 'OPERATOR', 'AUDITOR'];
const PLANNERS: Role[] = ['ADMIN', 'MANAGER'];

export const WHO_MAY = {
  CONFIGURE_COMPANY: ['ADMIN'],
  MANAGE_MACHINES: PLANNERS,
  MANAGE_CALENDARS: PLANNERS,
  MANAGE_OPERATORS: PLANNERS,
  MANAGE_JOBS: PLANNERS,
  PLAN_WORK: PLANNERS,
  ASSIGN_OPERATORS: PLANNERS,
  WORK_ON_FLOOR: ['ADMIN', 'MANAGER', 'OPERATOR'],
  CORRECT_REPORTS: PLANNERS,
  VIEW_SHOP: EVERYBODY,
  VIEW_ACTIVITY: ['ADMIN', 'MANAGER', 'AUDITOR'],
  OPERATE: ['ADMIN'],
  VIEW_MEMBERS: ['ADMIN', 'MANAGER', 'AUDITOR'],
  MANAGE_MEMBERS: ['ADMIN'],
  VIEW_LOGINS: ['ADMIN', 'AUDITOR'],
  MANAGE_API_TOKENS: ['ADMIN'],
  OWN_ACCOUNT: EVERYBODY,
} satisfies Record<string, Role[]>;

export type Action = keyof typeof WHO_MAY;

export function may(role: Role, action: Action): boolean {
  const roles: Role[] = WHO_MAY[action];
  return roles.includes(role);
}

/** Whether it changes nothing. */
export const isLooking = (action: Action): boolean => action.startsWith('VIEW_');
