import { createRoute } from '@tanstack/react-router';
import { Users } from 'lucide-react';
import { shell } from '../../app/parents';
import { screen } from '../../app/screen';

/** Whose page is open beside, and who is shown. */
export interface PeopleSearch {
  person?: string;
  q?: string;
  gone?: true;
}

const text = (value: unknown): string | undefined =>
  (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : undefined;

export const readSearch = ({ person, q, gone }: Record<string, unknown>): PeopleSearch => ({
  ...(text(person) !== undefined && { person: text(person) }),
  ...(text(q) !== undefined && { q: text(q) }),
  ...(gone === true && { gone: true as const }),
});

export const people = createRoute({
  getParentRoute: () => shell,
  path: 'people',
  validateSearch: readSearch,
  staticData: { nav: { name: 'people', icon: Users, order: 50, needs: 'VIEW_SHOP' } },
  ...screen('people', () => import('./People')),
});
