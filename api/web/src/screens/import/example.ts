// A small shop as a file, for who wants to see how it goes before they look for their own. Its dates are of the days to come.

const DAY_MS = 86_400_000;

const WORK: [string, string, number, number, [string, string, number, number][]][] = [
  [
    'Drive shaft',
    'Nordlys Marine',
    24,
    4,
    [
      ['Saw', 'SAW', 10, 2],
      ['Turn', 'TURN', 45, 9],
      ['Mill keyway', 'MILL', 30, 6],
      ['Grind', 'GRIND', 25, 5],
    ],
  ],
  [
    'Bearing housing',
    'Hartmann Pumps',
    12,
    6,
    [
      ['Turn', 'TURN', 60, 18],
      ['Mill', 'MILL', 50, 22],
      ['Deburr and inspect', 'BENCH', 0, 4],
    ],
  ],
  [
    'Guide rail 600',
    'Baltic Conveyors',
    40,
    8,
    [
      ['Saw', 'SAW', 10, 1.5],
      ['Mill', 'MILL', 40, 7],
      ['Grind', 'GRIND', 30, 8],
    ],
  ],
  [
    'Flange DN80',
    'Hartmann Pumps',
    60,
    5,
    [
      ['Saw', 'SAW', 15, 1],
      ['Turn', 'TURN', 35, 6],
      ['Drill', 'MILL', 25, 3],
    ],
  ],
  [
    'Spindle nut',
    'Atelier Roca',
    100,
    10,
    [
      ['Turn', 'TURN', 40, 4],
      ['Deburr and inspect', 'BENCH', 0, 1],
    ],
  ],
  [
    'Valve body',
    'Nordlys Marine',
    16,
    7,
    [
      ['Mill', 'MILL', 90, 25],
      ['Turn', 'TURN', 45, 10],
      ['Deburr and inspect', 'BENCH', 0, 6],
    ],
  ],
  [
    'Pulley 120',
    'Baltic Conveyors',
    30,
    3,
    [
      ['Saw', 'SAW', 10, 1],
      ['Turn', 'TURN', 40, 11],
      ['Mill keyway', 'MILL', 30, 4],
    ],
  ],
  [
    'Clamp plate',
    'Atelier Roca',
    80,
    9,
    [
      ['Saw', 'SAW', 10, 1],
      ['Mill', 'MILL', 35, 4],
      ['Grind', 'GRIND', 20, 2],
    ],
  ],
];

export const EXAMPLE_NAME = 'example-jobs.csv';

/** `count` times through the parts that the shop makes, due a few days apart. */
export function exampleFile(now: number, count = 2): Uint8Array<ArrayBuffer> {
  const lines = ['Job,Product,Customer,Quantity,Due,Operation no,Operation,Work center,Setup (min),Time per piece (min)'];
  for (let at = 0; at < WORK.length * count; at += 1) {
    const part = WORK[at % WORK.length];
    if (part === undefined) continue;
    const [product, customer, quantity, days, steps] = part;
    const due = new Date(now + (days + 7 * Math.floor(at / WORK.length)) * DAY_MS).toISOString().slice(0, 10);
    for (const [step, [name, center, setup, each]] of steps.entries()) {
      lines.push([`EX-${101 + at}`, product, customer, quantity, due, (step + 1) * 10, name, center, setup, each].join(','));
    }
  }
  return new TextEncoder().encode(lines.join('\n'));
}
