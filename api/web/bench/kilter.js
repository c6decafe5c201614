// A Kilter of made-up bars for the bench: it answers what the screen of the board asks, and tells of a bar that has changed five times a
// second, as a floor at work does. It is put between the page and the network.
const NEWS_MS = 200;

const plannedOf = (bar, lane) => ({
  job: { id: bar.job, code: bar.jobCode, name: 'Bracket' },
  operation: bar.operation,
  name: bar.name,
  workCenter: { id: 'MILL', code: 'MILL', name: 'Milling' },
  machine: { id: lane.id, code: lane.code },
  operator: null,
  start: new Date(bar.start).toISOString(),
  runStart: new Date(bar.runStart).toISOString(),
  end: new Date(bar.end).toISOString(),
  pin: bar.pinned ? { reason: 'the customer is here', until: null } : null,
  status: bar.status.toUpperCase(),
  jobStatus: 'IN_PROGRESS',
  over: false,
  startedAt: null,
  finishedAt: null,
  good: String(Math.round((bar.progress ?? 0) * 100)),
  quantity: '100',
  unit: 'pcs',
  due: bar.due === undefined ? null : new Date(bar.due).toISOString(),
  late: bar.due !== undefined && bar.end > bar.due,
  planVersion: 1,
});

const machineOf = ({ id, code, name, state }) => ({
  id,
  code,
  name,
  status: state === 'running' ? 'RUNNING' : 'AVAILABLE',
  reason: null,
  since: '2026-03-02T00:00:00Z',
  capacity: 1,
  workCenter: { id: 'MILL', code: 'MILL', name: 'Milling' },
});

const instants = ({ start, end }) => ({ start: new Date(start).toISOString(), end: new Date(end).toISOString() });
const NOTHING = { edges: [], totalCount: 0, pageInfo: { hasNextPage: false, endCursor: null } };

const SESSION = {
  viewer: { tenantId: 't', actorId: 'a', role: 'ADMIN', tenantName: 'Bench', name: 'Bench' },
  company: { name: 'Bench', zone: 'Europe/Tallinn', language: 'ENGLISH' },
  me: { member: { email: 'bench@example.com' } },
  consent: null,
};

/** Stands in for Kilter on this page, with these lanes and bars; gives what tells how many news it has told. */
export async function standIn(page, { lanes, bars }) {
  const laneOf = new Map(lanes.map((lane) => [lane.id, lane]));
  const planned = bars.map((bar) => plannedOf(bar, laneOf.get(bar.lane)));
  const board = {
    position: '1',
    pageInfo: { hasNextPage: false, endCursor: null },
    lanes: lanes.map((lane) => ({ machine: machineOf(lane), operator: null, open: lane.open.map(instants) })),
    bars: planned,
    elsewhere: [],
  };
  const answers = { Session: SESSION, Board: { board }, BoardCenters: { workCenters: NOTHING }, WhatIfs: { scenarios: NOTHING } };
  const others = { BoardUnplannedCount: { unplanned: NOTHING }, BoardUnplanned: { unplanned: NOTHING } };
  await page.route('**/graphql', (route) => {
    const name = /^\s*(?:query|mutation)\s+(\w+)/m.exec(route.request().postDataJSON().query)?.[1];
    const data = { ...answers, ...others }[name];
    return route.fulfill({
      json: data ? { data } : { errors: [{ message: `not in the bench: ${name}`, extensions: { code: 'NOT_FOUND' } }] },
    });
  });
  let told = 0;
  const next = () => {
    told += 1;
    return told;
  };
  await page.routeWebSocket(/\/graphql$/, (socket) => tell(socket, planned, next));
  return () => told;
}

/** The part of the protocol of graphql-ws that the app uses, and news. */
function tell(socket, planned, next) {
  const timers = new Map();
  const say = (message) => socket.send(JSON.stringify(message));
  const news = (id) => {
    const told = next();
    const bars = [{ ...planned[(told * 97) % planned.length], good: String(told % 100) }];
    const boardChanged = { cursor: String(told), kind: 'CHANGE', lagMs: 5, lanesChanged: false, bars, gone: [], machines: [] };
    say({ id, type: 'next', payload: { data: { boardChanged } } });
  };
  socket.onMessage((text) => {
    const { id, type, payload } = JSON.parse(String(text));
    if (type === 'connection_init') say({ type: 'connection_ack' });
    if (type === 'ping') say({ type: 'pong' });
    if (type === 'complete') clearInterval(timers.get(id));
    if (type === 'subscribe' && /boardChanged/.test(payload.query))
      timers.set(
        id,
        setInterval(() => news(id), NEWS_MS),
      );
  });
  socket.onClose(() => {
    for (const timer of timers.values()) clearInterval(timer);
  });
}
