import { createRoute } from '@tanstack/react-router';
import { shell } from '../../app/parents';
import { screen } from '../../app/screen';

export const newJob = createRoute({ getParentRoute: () => shell, path: 'jobs/new', ...screen('job', () => import('./NewJob')) });

export const job = createRoute({ getParentRoute: () => shell, path: 'jobs/$number', ...screen('job', () => import('./JobPage')) });
