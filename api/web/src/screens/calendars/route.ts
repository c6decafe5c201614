import { createRoute } from '@tanstack/react-router';
import { CalendarClock } from 'lucide-react';
import { shell } from '../../app/parents';
import { screen } from '../../app/screen';

export const calendars = createRoute({
  getParentRoute: () => shell,
  path: 'calendars',
  validateSearch: ({ calendar }: Record<string, unknown>): { calendar?: string } =>
    (typeof calendar === 'string' && calendar !== '') || typeof calendar === 'number' ? { calendar: String(calendar) } : {},
  staticData: { nav: { name: 'calendars', icon: CalendarClock, order: 60, needs: 'VIEW_SHOP' } },
  ...screen('calendars', () => import('./Calendars')),
});
