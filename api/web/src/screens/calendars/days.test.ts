import { describe, expect, it } from 'vitest';
import { readDate, readDays, readHours } from './days';

it('dates are read as Europe writes them, and only those that there are', () => {
  expect(['2027-02-24', '24.02.2027', '24/2/2027', '20270224'].map(readDate)).toEqual(Array(4).fill('2027-02-24'));
  expect(['2027-02-30', '02/24/2027', 'tomorrow', '', '1899-01-01'].map(readDate)).toEqual(Array(5).fill(undefined));
});

it('hours may be several, none is closed, nonsense is none at all', () => {
  expect(readHours('07:00-11:00 12:00–15:30')).toEqual([
    { from: '07:00', to: '11:00' },
    { from: '12:00', to: '15:30' },
  ]);
  expect([readHours(' '), readHours('early'), readHours('25:00-26:00')]).toEqual([[], undefined, undefined]);
});

describe('lines', () => {
  it('become days, with what is wrong told by its line', () => {
    const text =
      '\uFEFFDate;Name;Hours\n2027-01-01;New Year\n\n24.12.2027;"Christmas Eve";07:00-11:00\n31.02.2027;Never\n2027-01-01;Again\n2027-05-01;May;noon';
    expect(readDays(text)).toEqual({
      days: [
        { date: '2027-01-01', name: 'New Year', open: [] },
        { date: '2027-12-24', name: 'Christmas Eve', open: [{ from: '07:00', to: '11:00' }] },
      ],
      faults: [
        { line: 5, text: '31.02.2027;Never', fault: 'date' },
        { line: 6, text: '2027-01-01;Again', fault: 'twice' },
        { line: 7, text: '2027-05-01;May;noon', fault: 'hours' },
      ],
    });
  });

  it('may be one, or none', () => {
    expect(readDays('2027-01-01').days).toEqual([{ date: '2027-01-01', open: [] }]);
    expect(readDays('  \n')).toEqual({ days: [], faults: [] });
  });
});

describe('a calendar file', () => {
  const file = (...events: string[]) =>
    `BEGIN:VCALENDAR\r\nVERSION:2.0\r\n${events.map((one) => `BEGIN:VEVENT\r\n${one}\r\nEND:VEVENT\r\n`).join('')}END:VCALENDAR\r\n`;

  it('has days of its own, some of them several', () => {
    const text = file(
      'DTSTART;VALUE=DATE:20270624\r\nDTEND;VALUE=DATE:20270625\r\nSUMMARY:Midsummer\\, and a very lo\r\n ng name',
      'DTSTART;VALUE=DATE:20271224\r\nDTEND;VALUE=DATE:20271227\r\nSUMMARY:Christmas',
    );
    expect(readDays(text).days.map(({ date, name }) => `${date} ${name}`)).toEqual([
      '2027-06-24 Midsummer, and a very long name',
      '2027-12-24 Christmas',
      '2027-12-25 Christmas',
      '2027-12-26 Christmas',
    ]);
  });

  it('says what repeats, what is no day and what never ends', () => {
    const read = readDays(
      file(
        'DTSTART:20270101T000000Z\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:New Year',
        'SUMMARY:Nothing',
        'DTSTART:20270101\r\nDTEND:20291231\r\nSUMMARY:Ages',
      ),
    );
    expect(read.days).toEqual([{ date: '2027-01-01', name: 'New Year', open: [] }]);
    expect(read.faults.map(({ fault }) => fault)).toEqual(['repeats', 'date', 'long']);
  });
});
