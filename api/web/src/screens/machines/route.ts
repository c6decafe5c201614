import { createRoute } from '@tanstack/react-router';
import { Factory } from 'lucide-react';
import { shell } from '../../app/parents';
import { screen } from '../../app/screen';

/** What is open beside: a machine or a work center, by its code. */
export interface MachinesSearch {
  machine?: string;
  center?: string;
}

const text = (value: unknown): string | undefined =>
  (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : undefined;

export const readSearch = ({ machine, center }: Record<string, unknown>): MachinesSearch => ({
  ...(text(machine) !== undefined && { machine: text(machine) }),
  ...(text(machine) === undefined && text(center) !== undefined && { center: text(center) }),
});

export const machines = createRoute({
  getParentRoute: () => shell,
  path: 'machines',
  validateSearch: readSearch,
  staticData: { nav: { name: 'machines', icon: Factory, order: 40, needs: 'VIEW_SHOP' } },
  ...screen('machines', () => import('./Machines')),
});
