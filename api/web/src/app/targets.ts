import { useRouter } from '@tanstack/react-router';
import { useRoleMay } from '../api/session';
import type { NavigationEntry } from './screen';

export interface Target {
  to: string;
  nav: NavigationEntry;
}

/** The screens that this person may see, in their order. */
export function useTargets(): Target[] {
  const [router, may] = [useRouter(), useRoleMay()];
  return Object.values(router.routesById)
    .flatMap((route) => {
      const nav = route.options.staticData?.nav;
      return nav !== undefined && may(nav.needs) ? [{ to: route.fullPath, nav }] : [];
    })
    .sort((one, other) => one.nav.order - other.nav.order);
}
