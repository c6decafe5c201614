import { createRoute } from '@tanstack/react-router';
import { FileUp } from 'lucide-react';
import { shell } from '../../app/parents';
import { screen } from '../../app/screen';

export const imports = createRoute({
  getParentRoute: () => shell,
  path: 'import',
  staticData: { nav: { name: 'import', icon: FileUp, order: 80, needs: 'MANAGE_JOBS' } },
  ...screen('import', () => import('./Import')),
});
