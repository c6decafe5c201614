// Calendar feeds of a served Kilter, read with ical.js (npm), which others wrote: Thunderbird reads calendars with it.
// Usage: KILTER_TEST_URL=http://127.0.0.1:8080/graphql KILTER_TEST_TOKEN=… node calendars.js
import assert from 'node:assert/strict';
import ICAL from 'ical.js';

const url = process.env.KILTER_TEST_URL;
const token = process.env.KILTER_TEST_TOKEN;

async function change(mutation) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query: `mutation { change: ${mutation} }` }),
  });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  assert.deepEqual(data.change.userErrors, [], mutation);
  return data.change;
}

const errors = 'userErrors { code field message }';
const hour = 3600 * 1000;
const first = new Date(Math.floor(Date.now() / hour) * hour + 2 * hour);
const at = (hours) => new Date(first.getTime() + hours * hour).toISOString();
// Everything that has a meaning of its own in a calendar, and a line longer than one may be.
const product = 'Shaft; 20 mm, "hard" \\n €😀 ' + 'ä'.repeat(120);
const customer = 'BEGIN:VEVENT, Söhne; & Co';
const text = (value) => JSON.stringify(value);

await change(`openCompany(input: { name: "Audit", zone: "Europe/Tallinn" }) { ${errors} }`);
await change(`createWorkCenter(input: { code: "CNC", name: "Turning" }) { ${errors} }`);
await change(`registerMachine(input: { code: "LATHE-1", name: "Lathe", workCenterCode: "CNC" }) { ${errors} }`);
await change(`createJob(input: { number: "4101", product: ${text(product)}, customer: ${text(customer)}, quantity: "12",
  operations: [{ number: 10, name: "Turn, then wash; twice", workCenterCode: "CNC" }] }) { ${errors} }`);
const plan = (from) =>
  change(`scheduleJob(input: { jobNumber: "4101", windows: [
    { operation: 10, machineCode: "LATHE-1", start: "${at(from)}", end: "${at(from + 1)}" }] }) { position ${errors} }`);
await plan(0);
const { address } = await change(
  `makeCalendarFeed(input: { of: { machine: { machineCode: "LATHE-1" } }, withCustomers: true }) { address ${errors} }`,
);
const feed = new URL(new URL(address).pathname, url);

async function events(wanted) {
  for (let asked = 0; asked < 10; asked += 1) {
    const response = await fetch(feed);
    assert.equal(response.status, 200);
    const calendar = new ICAL.Component(ICAL.parse(await response.text()));
    assert.equal(calendar.getFirstPropertyValue('version'), '2.0');
    assert.equal(calendar.getFirstPropertyValue('refresh-interval').toSeconds(), 900);
    const found = calendar.getAllSubcomponents('vevent').map((event) => new ICAL.Event(event));
    if (found.length === 1 && found[0].startDate.toJSDate().toISOString() === wanted) return found;
    // Read models follow; one feed may be asked for 15 times a minute.
    await new Promise((resolve) => setTimeout(resolve, 4000));
  }
  throw new Error(`no event begins at ${wanted}`);
}

const [planned] = await events(at(0));
assert.equal(planned.endDate.toJSDate().toISOString(), at(1));
assert.equal(planned.startDate.zone.tzid, 'UTC');
assert.equal(planned.summary, '4101/10 Turn, then wash; twice');
assert.equal(planned.description, `12 pcs\n${product}\nfor ${customer}`);
assert.equal(planned.location, 'LATHE-1');
await plan(24);
const [moved] = await events(at(24));
assert.equal(moved.uid, planned.uid);
assert.ok(moved.sequence > planned.sequence);
const stamp = (event) => event.component.getFirstPropertyValue('last-modified').toJSDate();
assert.ok(stamp(moved) >= stamp(planned));
console.log('calendar feeds: read by ical.js as they were written');
