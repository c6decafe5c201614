// Every screen of the app: one line each. `bare` screens have no navigation around them.
import { activity } from '../screens/activity/route';
import { board } from '../screens/board/route';
import { calendars } from '../screens/calendars/route';
import { graphiql } from '../screens/graphiql/route';
import { imports } from '../screens/import/route';
import { job, newJob } from '../screens/job/route';
import { jobs } from '../screens/jobs/route';
import { machines } from '../screens/machines/route';
import { members } from '../screens/members/route';
import { people } from '../screens/people/route';
import { replay } from '../screens/replay/route';
import { settings } from '../screens/settings/route';
import { start } from '../screens/start/route';
import { terminal } from '../screens/terminal/route';
import { today } from '../screens/today/route';
import { wall } from '../screens/wall/route';
import { guarded, nothing, root, shell } from './parents';

const screens = [today, board, jobs, newJob, job, activity, replay, people, calendars, imports, start, machines, members, settings];
const bare = [wall, graphiql];

export const routeTree = root.addChildren([guarded.addChildren([shell.addChildren([...screens, nothing]), ...bare]), terminal]);
