import type { CalendarFeedsQuery, MakeCalendarFeedInput } from '../api/generated/feeds';

export type Feed = CalendarFeedsQuery['calendarFeeds'][number];

/** Whose plan a feed tells: a machine's or a person's. */
export type FeedOf = { machine: { id: string; code: string } } | { operator: { id: string; name: string } };

/** The feeds of this machine or person, among all that who is in may see. */
export function feedsOf(feeds: readonly Feed[], of: FeedOf): Feed[] {
  return feeds.filter(({ machine, operator }) => ('machine' in of ? machine?.id === of.machine.id : operator?.id === of.operator.id));
}

/** What is asked for. Only who plans may have customers told. */
export function wishOf(of: FeedOf, withCustomers: boolean): MakeCalendarFeedInput {
  const whose = 'machine' in of ? { machine: { machineId: of.machine.id } } : { operator: { operatorId: of.operator.id } };
  return { of: whose, withCustomers };
}

export const nameOf = (of: FeedOf): string => ('machine' in of ? of.machine.code : of.operator.name);
