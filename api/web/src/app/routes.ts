// Every screen of the app: one line each. `bare` screens have no navigation around them.
import { today } from '../screens/today/route';
import { guarded, root, shell } from './parents';

const screens = [today];
const bare = [] as const;

export const routeTree = root.addChildren([guarded.addChildren([shell.addChildren(screens), ...bare])]);
