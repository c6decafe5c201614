import { describe, expect, it } from 'vitest';
import { guessManner, type Mapping } from './cells';
import { batches, documentOf, idOf, numbered } from './commands';
import { decode } from './decode';
import { guessKind, guessWith } from './fields';
import { JobsReader } from './jobs';
import { readMachines, readOperators, skillsOf } from './others';
import { Reading } from './reading';
import { bytesOf, MOST_BYTES, MOST_COLUMNS, readTable, TableRefused } from './table';

const bytes = (text: string) => new TextEncoder().encode(text);

function read(text: string, change: Partial<Mapping> = {}) {
  const table = readTable(bytes(text));
  const kind = guessKind(table.columns);
  const fields = guessWith(
    table.columns,
    kind,
    table.rows.map(({ cells }) => cells),
  );
  const mapping: Mapping = { kind, fields, manner: guessManner(table, fields), ...change };
  return { table, mapping };
}

const jobs = (text: string) => {
  const { table, mapping } = read(text);
  return new JobsReader(table, mapping, 'Europe/Tallinn').read();
};

const GERMAN = `Auftragsnummer;Artikel;Kunde;Menge;Liefertermin;AG-Nr.;Arbeitsgang;Arbeitsplatz;Rüstzeit (min);Stückzeit (min)
4711;Welle Ø20;Müller GmbH;1.250;24.12.2026;10;Drehen;CNC;45;1,5
4711;;;;;20;Schleifen;GRIND;30;0,75
4712;Flansch;Öhm AG;12;7.1.27;10;Fräsen;MILL;1:00;12,5`;

describe('the bytes of a file', () => {
  it('are read in every coding that spreadsheets write', () => {
    const text = 'Auftrag;Stück\r\n1;2';
    const latin = new Uint8Array([...text].map((letter) => letter.charCodeAt(0)));
    const wide = new Uint8Array([...text].flatMap((letter) => [letter.charCodeAt(0), 0]));
    const narrow = new Uint8Array([...text].flatMap((letter) => [0, letter.charCodeAt(0)]));
    for (const one of [
      bytes(text),
      bytes(`\uFEFF${text}`),
      latin,
      wide,
      new Uint8Array([0xff, 0xfe, ...wide]),
      new Uint8Array([0xfe, 0xff, ...narrow]),
      narrow,
    ]) {
      expect(decode(one).text).toBe(text);
    }
  });

  it('keep the row numbers of the spreadsheet, empty rows and quoted line breaks counted', () => {
    const table = readTable(bytes('job,notes,,\n\n1,"two\nlines; and, signs",,\n,,,\n2,"say ""so""",,'));
    expect(table.columns).toEqual(['job', 'notes']);
    expect(table.rows).toEqual([
      { number: 3, cells: ['1', 'two\nlines; and, signs', '', ''] },
      { number: 5, cells: ['2', 'say "so"', '', ''] },
    ]);
  });

  it('say what separates them, or it is seen', () => {
    for (const [text, sign] of [
      ['sep=|\na|b\n1|2', '|'],
      ['a;b\n1,5;2', ';'],
      ['a\tb\n1\t2', '\t'],
      ['a,b\n1,2', ','],
    ] as const) {
      expect(readTable(bytes(text)).delimiter).toBe(sign);
      expect(readTable(bytes(text)).columns).toEqual(['a', 'b']);
    }
  });

  it('with a quote that ends too early are found out', () => {
    const faults = jobs('job,product\n1,"4" pipe"\n2,x').faults;
    expect(faults.some(({ kind }) => kind === 'quote')).toBe(true);
  });

  it('may be none', () => {
    expect(readTable(new Uint8Array()).rows).toEqual([]);
    expect(readTable(bytes('a;b')).rows).toEqual([]);
  });
});

describe('jobs of a file', () => {
  it('are put together from the rows of their operations, as a German shop writes them', () => {
    const { jobs: read, faults, centers, operations } = jobs(GERMAN);
    expect(faults).toEqual([]);
    expect([centers, operations]).toEqual([['CNC', 'GRIND', 'MILL'], 3]);
    expect(read[0]).toMatchObject({
      rows: [2, 3],
      input: {
        number: '4711',
        product: 'Welle Ø20',
        customer: 'Müller GmbH',
        quantity: '1250',
        due: '2026-12-24T21:59:00.000Z',
        operations: [
          { number: 10, name: 'Drehen', workCenterCode: 'CNC', setupSeconds: 2700, run: { perUnitSeconds: '90' } },
          { number: 20, name: 'Schleifen', setupSeconds: 1800, run: { perUnitSeconds: '45' } },
        ],
      },
    });
    expect(read[1]?.input).toMatchObject({
      due: '2027-01-07T21:59:00.000Z',
      operations: [{ setupSeconds: 3600, run: { perUnitSeconds: '750' } }],
    });
  });

  it('have their numbers once above, their steps counted, and their hours shared out among the pieces', () => {
    const { jobs: read, faults } = jobs('Order,Qty,Operation,Work center,Hours\nA,8,Saw,SAW,2\n,,Mill,MILL,4h 30min\nB,,,,');
    expect(faults).toEqual([]);
    expect(read.map(({ input }) => [input.number, input.operations?.map(({ number }) => number)])).toEqual([
      ['A', [10, 20]],
      ['B', []],
    ]);
    expect(read[0]?.input.operations?.map(({ run }) => run?.perUnitSeconds)).toEqual(['900', '2025']);
  });

  it('of which a row can not be read are left out whole, with the row and the column', () => {
    const {
      jobs: read,
      faults,
      operations,
      centers,
    } = jobs(
      'job,quantity,due,operation,work center,setup (min)\n1,ten,2026-02-30,Saw,SAW,5\n2,5,2026-12-01,Saw,,x\n3,5,2026-12-01,Saw,SAW,5\n3,6,,Mill,MILL,-1',
    );
    expect([read, operations, centers]).toEqual([[], 0, []]);
    expect(faults.map(({ row, column, kind, value }) => [row, column, kind, value])).toEqual([
      [2, 'quantity', 'number', 'ten'],
      [2, 'due', 'date', '2026-02-30'],
      [3, 'work center', 'noCenter', ''],
      [5, 'quantity', 'differs', '6'],
      [5, 'setup (min)', 'duration', '-1'],
    ]);
  });

  it('may be one of all rows', () => {
    const rows = Array.from({ length: 60_000 }, (_, at) => `J;${at + 1};Step;SAW`);
    const began = performance.now();
    expect(jobs(`Order;Op;Operation;Work center\n${rows.join('\n')}`).operations).toBe(60_000);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('of ten thousand rows are read within two seconds', () => {
    const rows = Array.from(
      { length: 10_000 },
      (_, at) => `J-${Math.floor(at / 4)};Part;${(at % 7) + 1};31.12.2026;${((at % 4) + 1) * 10};Step;WC-${at % 12};10;1,25`,
    );
    const began = performance.now();
    const {
      jobs: read,
      operations,
      faults,
    } = jobs(`Order;Item;Qty;Due;Op;Operation;Work center;Setup;Cycle\n${rows.join('\n')}`.replaceAll(/;(\d);31/g, ';4;31'));
    expect([read.length, operations, faults.length]).toEqual([2_500, 10_000, 0]);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe('machines and people of a file', () => {
  it('are known by their headings', () => {
    const machines = read('Machine;Name;Work center;Hourly rate;Speed\nL1;Lathe;TURN;45,50;110%\nL1;Again;TURN;;\n;No code;TURN;;');
    expect(machines.mapping.kind).toBe('machines');
    const { machines: made, faults } = readMachines(machines.table, machines.mapping);
    expect(made).toEqual([
      { row: 2, input: { code: 'L1', name: 'Lathe', workCenterCode: 'TURN', capacity: 1, speedPercent: 110, hourlyCost: '45.5' } },
    ]);
    expect(faults.map(({ row, kind }) => [row, kind])).toEqual([
      [3, 'twice'],
      [4, 'missing'],
    ]);
    const people = read('Badge,Name,Skills\n17,Ana,"Turning 4; milling"\n18,Ott,');
    expect(people.mapping.kind).toBe('operators');
    expect(readOperators(people.table, people.mapping).operators.map(({ skills }) => skills.length)).toEqual([2, 0]);
    expect(skillsOf('Turning (4), CNC: 2|welding')).toEqual([
      { skill: 'Turning', level: 4 },
      { skill: 'CNC', level: 2 },
      { skill: 'welding', level: 3 },
    ]);
  });
});

describe('what is asked for a file', () => {
  const command = (number: number) => ({ mutation: 'createJob', input: { number: `${number}` }, about: `${number}` }) as const;

  it('has the same ids whenever it is asked, and others in another company or for another text', async () => {
    const [one] = await numbered([command(1)], 'a');
    expect((await numbered([command(1)], 'a'))[0]).toEqual(one);
    expect(one?.commandId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const ids = [
      one?.commandId,
      (await numbered([command(1)], 'b'))[0]?.commandId,
      (await numbered([command(2)], 'a'))[0]?.commandId,
      await idOf('a'),
    ];
    expect(new Set(ids).size).toBe(4);
  });

  it('goes in documents of twenty of one kind, in order', async () => {
    const machine = { mutation: 'registerMachine', input: { code: 'x' }, about: 'x' } as const;
    const made = batches([machine, ...Array.from({ length: 45 }, (_, at) => command(at))]);
    expect(made.map((batch) => batch.length)).toEqual([1, 20, 20, 5]);
    const { document, variables } = documentOf(await numbered(made[1] ?? [], 'a'));
    expect(document).toContain('c19: createJob(input: $i19)');
    expect(Object.keys(variables)).toHaveLength(20);
  });
});

describe('a file that is not to be read', () => {
  const refusal = (text: string) => {
    try {
      readTable(bytes(text));
    } catch (error) {
      if (error instanceof TableRefused) return { why: error.why, count: error.count };
    }
    return undefined;
  };

  it('is refused at once for more columns than any list has', () => {
    const row = `${Array.from({ length: 10_000 }, (_, at) => `c${at}`).join(';')}\n`;
    const text = row.repeat(20);
    const began = performance.now();
    expect(refusal(text)).toEqual({ why: 'columns', count: 10_000 });
    expect(performance.now() - began).toBeLessThan(200);
    const wide = (count: number) => `a;b\n${'1;'.repeat(count - 1)}1\n`;
    expect(refusal(wide(MOST_COLUMNS))).toBeUndefined();
    expect(refusal(`${'a;b\n1;2\n'.repeat(30)}${wide(MOST_COLUMNS + 1)}`)).toEqual({ why: 'columns', count: MOST_COLUMNS + 1 });
    expect(refusal(`a;b${';'.repeat(1_000)}\n1;2\n`)).toBeUndefined();
  });

  it('is refused where a quotation mark is not closed, and the line is told', () => {
    const rest = '4711;Shaft;12\n'.repeat(100_000);
    const began = performance.now();
    expect(refusal(`number;product;quantity\n1;"two\nlines";3\n4711;"Shaft;12\n${rest}`)).toEqual({ why: 'openQuote', count: 4 });
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(refusal('sep=;\r\nnumber;product\r\n1;"Shaft')).toEqual({ why: 'openQuote', count: 3 });
  });

  it('is read with many rows', () => {
    expect(readTable(bytes(`a;b\n${'1;2\n'.repeat(200_000)}`)).rows).toHaveLength(200_000);
  });

  it('is refused for what it is before it is read', async () => {
    const why = (file: Blob) => bytesOf(file).catch((error) => (error instanceof TableRefused ? error.why : error));
    expect(await why(new Blob([]))).toBe('empty');
    expect(await why(new Blob([new Uint8Array([0x50, 0x4b, 3, 4, 9])]))).toBe('binary');
    expect(await why(new Blob([new Uint8Array(MOST_BYTES + 1)]))).toBe('tooBig');
    const gone = new Blob(['a;b']);
    gone.arrayBuffer = () => Promise.reject(new DOMException('gone', 'NotReadableError'));
    expect(await why(gone)).toBe('unreadable');
    expect(await why(new Blob(['a;b']))).toEqual(bytes('a;b'));
  });
});

describe('a file that is read beside the page', () => {
  it('shows its head, what comes of all of it, and gives what is asked batch after batch', async () => {
    const [reading, rows] = [new Reading(), Array.from({ length: 2_000 }, (_, at) => `${at};${at < 1_850 ? 5 : 'x'};SAW`)];
    const head = await reading.open(new Blob([`job;quantity;work center\n${rows.join('\n')}`]));
    expect([head.columns.length, head.rows.length]).toEqual([3, 500]);
    const mapping: Mapping = { kind: 'jobs', fields: guessWith(head.columns, 'jobs', []), manner: guessManner(head, []) };
    const { things, faults, faultCount, centers } = reading.summary(mapping, 'Europe/Tallinn');
    expect([things, faults.length, faultCount, centers]).toEqual([1_850, 100, 150, ['SAW']]);
    expect(reading.begin([{ code: 'SAW', machines: 2 }])).toBe(1_853);
    const asked = [];
    for (let at = 0, batch = await reading.batch(at, 'a'); batch !== undefined; batch = await reading.batch(++at, 'a'))
      asked.push(...batch);
    expect(asked.map(({ about }) => about).slice(0, 4)).toEqual(['SAW', 'SAW-1', 'SAW-2', '0']);
    expect(new Set(asked.map(({ commandId }) => commandId)).size).toBe(1_853);
  });
});
