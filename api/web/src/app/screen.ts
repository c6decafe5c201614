// What a screen is made of: src/screens/<name>/route.ts makes its route with `screen(…)` under one of the parents of parents.ts, and
// routes.ts lists it. What stands in `nav` puts it into the navigation.
import { lazyRouteComponent } from '@tanstack/react-router';
import type { LucideIcon } from 'lucide-react';
import type { ComponentType } from 'react';
import type { Action } from '../api/may';
import { i18next, type Namespace } from '../i18n';
import type { Texts } from '../i18n/generated/texts';

export interface NavigationEntry {
  /** Its name in the navigation and in the command palette: under `screens` in the app's own texts. */
  name: keyof Texts['app']['screens'];
  icon: LucideIcon;
  /** Its place, small numbers first. */
  order: number;
  /** Who may not do this does not see it. */
  needs: Action;
}

declare module '@tanstack/react-router' {
  interface StaticDataRouteOption {
    nav?: NavigationEntry;
  }
}

/** Parts of a route: the component as a chunk of its own, its texts fetched beside it. */
export function screen<Props>(texts: Namespace, load: () => Promise<{ default: ComponentType<Props> }>) {
  return {
    component: lazyRouteComponent(load),
    loader: async () => {
      await i18next.loadNamespaces(texts);
    },
  };
}
