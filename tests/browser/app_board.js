// The planning board of the app: moved by mouse and by keys, seen in a second browser, kept through a lost connection, planned by the optimiser.
// It takes a sample company: KILTER_SAMPLE_URL is where one is served, KILTER_SAMPLE_TOKEN a token of an admin of it; ./run starts one.
import assert from 'node:assert/strict';
import { shot } from './kilter.js';

const app = process.env.KILTER_SAMPLE_URL;
const token = process.env.KILTER_SAMPLE_TOKEN;

/** The board as its element shows it. */
const evaluate = (page, work, value) => page.locator('[data-board]').evaluate(work, value);

async function opened(browser, search = '') {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB', timezoneId: 'Europe/Tallinn' });
  await context.addCookies([{ name: '__Host-kilter', value: token, url: app.replace('http:', 'https:'), secure: true }]);
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(`${app}/board${search}`);
  await page.locator('[data-board]').waitFor();
  await page.waitForFunction(() => document.querySelector('[data-board]')?.board?.hits().length > 0);
  return { context, page };
}

const barOf = (page, key) => evaluate(page, ({ board }, key) => {
  const bar = board.model.bar(key);
  return bar && { lane: bar.lane, start: bar.start, end: bar.end };
}, key);

/** A bar that may be moved and has room to its right, the `nth` of them as far as there are so many; the last one first: the sample company is at work,
 * and what is to begin soon moves by itself. */
const movable = async (page, nth = 0) => {
  const bar = await evaluate(page, ({ board }, nth) => {
    const can = board.hits().filter(({ key, x, width }) => width > 30 && x > 240 && x + width < innerWidth - 200 && board.movable(board.model.bar(key)));
    return can.toSorted((one, other) => other.x - one.x)[nth % can.length];
  }, nth);
  assert.ok(bar, 'a bar that may be moved is in sight');
  return bar;
};

async function until(what, within = 20_000) {
  const began = Date.now();
  for (;;) {
    const found = await what();
    if (found) return Date.now() - began;
    assert.ok(Date.now() - began < within, `not within ${within} ms: ${what}`);
    await new Promise((over) => setTimeout(over, 20));
  }
}

/** What was asked needs a reason where it clashes: gives one. Returns when it was asked last: before the command that was done. */
async function answerRefusal(page, asked = Date.now()) {
  const dialog = page.getByRole('dialog', { name: 'Not moved' });
  // What was undone before may still be said.
  const done = page.getByText(/^(?!Undone).*moved to/);
  await dialog.or(done).first().waitFor();
  if (!(await dialog.isVisible())) return asked;
  const reason = dialog.getByLabel('Reason');
  if (await reason.isVisible()) {
    await reason.fill('the customer is here');
    asked = Date.now();
    await dialog.getByRole('button', { name: 'Move anyway' }).click();
  } else {
    asked = Date.now();
    await dialog.getByRole('button', { name: 'Push the others' }).click();
  }
  await done.first().waitFor();
  return asked;
}

/** When a page has this bar later than it was, by the clock of this machine, which pages read too. */
const seenLater = (page, key, start) => evaluate(page, ({ board }, [key, start]) => new Promise((over) => {
  const look = () => (board.model.bar(key)?.start > start ? over(Date.now()) : requestAnimationFrame(look));
  look();
}), [key, start]);

const [DRAGS, SEEN_MS] = [5, 1_000];

async function dragged(browser) {
  const [one, other] = [await opened(browser), await opened(browser)];
  const times = [];
  for (let at = 0; at < DRAGS; at += 1) {
    const bar = await movable(one.page);
    const before = await barOf(one.page, bar.key);
    const seen = seenLater(other.page, bar.key, before.start);
    await one.page.mouse.move(bar.x + 20, bar.y + 13);
    await one.page.mouse.down();
    await one.page.mouse.move(bar.x + 60, bar.y + 13, { steps: 4 });
    await one.page.mouse.move(bar.x + 160, bar.y + 13, { steps: 8 });
    await one.page.waitForFunction(() => document.querySelector('[data-spoken]').textContent.length > 0);
    const asked = Date.now();
    await one.page.mouse.up();
    const last = await answerRefusal(one.page, asked);
    times.push((await seen) - last);
    await one.page.getByRole('button', { name: 'Undo' }).click();
    await until(async () => (await barOf(other.page, bar.key))?.start === before.start);
    await until(async () => (await barOf(one.page, bar.key))?.start === before.start);
  }
  // Of so few the 95th percentile is the worst.
  const worst = Math.max(...times);
  assert.ok(worst <= SEEN_MS, `the second browser saw it ${worst} ms after it was asked for: ${times}`);
  await one.context.close();
  await other.context.close();
  return `seen in the second browser at most ${worst} ms after the mouse let go (${DRAGS} drags), undone in both`;
}

async function byKeys(browser) {
  const { page, context } = await opened(browser);
  // The first bar of all may be far away: chosen is what is in sight before.
  const bar = await movable(page, 1);
  await page.locator('[data-board]').focus();
  await page.keyboard.press('ArrowDown');
  for (let step = 0; step < 80; step += 1) {
    const focused = await evaluate(page, ({ board }) => board.focused && { key: board.focused, lane: board.layout.index(board.model.bar(board.focused).lane) });
    if (focused?.key === bar.key) break;
    const goal = await evaluate(page, ({ board }, key) => ({ lane: board.layout.index(board.model.bar(key).lane), start: board.model.bar(key).start, here: board.model.bar(board.focused)?.start ?? 0 }), bar.key);
    if (focused === undefined || focused.lane < goal.lane) await page.keyboard.press('ArrowDown');
    else if (focused.lane > goal.lane) await page.keyboard.press('ArrowUp');
    else await page.keyboard.press(goal.here < goal.start ? 'ArrowRight' : 'ArrowLeft');
  }
  assert.equal(await evaluate(page, ({ board }) => board.focused), bar.key, 'arrows reach every bar');
  const before = await barOf(page, bar.key);
  await page.keyboard.press('Alt+Shift+ArrowRight');
  await page.keyboard.press('Alt+ArrowRight');
  await page.waitForFunction(() => /\d\d:\d\d/.test(document.querySelector('[data-spoken]').textContent));
  await page.keyboard.press('Escape');
  assert.deepEqual(await barOf(page, bar.key), before, 'Escape leaves it');
  await page.keyboard.press('Alt+ArrowRight');
  const meant = await evaluate(page, ({ board }, key) => {
    const other = [...board.model.bars()].find((one) => one.key !== key);
    board.select([other.key]);
    const { proposal } = board;
    board.select([key]);
    return proposal?.places.map((place) => place.key);
  }, bar.key);
  assert.equal(meant, undefined, 'who looks at another bar moves neither');
  await page.keyboard.press('Alt+Shift+ArrowRight');
  await page.keyboard.press('Enter');
  await answerRefusal(page);
  await until(async () => (await barOf(page, bar.key))?.start > before.start);
  await page.getByRole('button', { name: 'Undo' }).waitFor();
  await page.locator('[data-board]').focus();
  await page.keyboard.press('Control+z');
  await until(async () => (await barOf(page, bar.key))?.start === before.start);
  await page.keyboard.press('m');
  await page.getByRole('dialog', { name: /^Move / }).waitFor();
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.activeElement?.matches('[data-board]'));
  // Opened by a button, the focus goes back to that one.
  await page.keyboard.press('Enter');
  const button = page.getByRole('region', { name: 'Selected bar' }).getByRole('button', { name: 'Move to…' });
  await button.click();
  await page.getByRole('dialog', { name: /^Move / }).waitFor();
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.activeElement?.textContent === 'Move to…');
  await context.close();
  return 'moved and taken back without a mouse';
}

/** The address is written a while after the hand rests, and read a while after that: who pans on meanwhile stays where they are. */
async function pannedOn(browser) {
  const { page, context } = await opened(browser);
  const putBack = await evaluate(page, async ({ board }) => {
    const rest = (ms) => new Promise((over) => setTimeout(over, ms));
    let found = 0;
    for (let turn = 0; turn < 12; turn += 1) {
      for (let step = 0; step < 40; step += 1) {
        const { from } = board.view;
        await rest(step === 0 ? 252 + turn : 4);
        if (board.view.from !== from) found += 1;
        board.panBy(turn % 2 === 0 ? 9 : -9, 0);
      }
    }
    return found;
  });
  assert.equal(putBack, 0, 'the board went where nobody moved it');
  await page.waitForFunction(() => {
    const { board } = document.querySelector('[data-board]');
    return Math.abs(Date.parse(new URL(location.href).searchParams.get('from')) - board.view.from) < 2;
  });
  await context.close();
  return 'who pans on is not put back';
}

async function lostConnection(browser) {
  const [one, other] = [await opened(browser), await opened(browser)];
  const bar = await movable(one.page, 2);
  const before = await barOf(one.page, bar.key);
  await other.context.setOffline(true);
  await other.page.getByText(/no network|does not answer/).waitFor();
  await evaluate(one.page, ({ board }, key) => {
    const { lane, start, end } = board.model.bar(key);
    const by = 26 * 3_600_000;
    board.propose(board.check([{ key, lane, start: start + by, end: end + by }]));
    board.drop();
  }, bar.key);
  await answerRefusal(one.page);
  assert.equal((await barOf(other.page, bar.key)).start, before.start, 'who is away has not heard');
  await other.context.setOffline(false);
  await until(async () => (await barOf(other.page, bar.key))?.start > before.start, 20_000);
  await one.page.getByRole('button', { name: 'Undo' }).click();
  await until(async () => (await barOf(other.page, bar.key))?.start === before.start);
  await one.context.close();
  await other.context.close();
  return 'what happened meanwhile is there after the connection is';
}

async function planned(browser) {
  const { page, context } = await opened(browser, '?panel=auto');
  const before = await evaluate(page, ({ board }) => [...board.model.bars()].map(({ key, lane, start }) => `${key} ${lane} ${start}`).sort().join('\n'));
  const now = () => evaluate(page, ({ board }) => [...board.model.bars()].map(({ key, lane, start }) => `${key} ${lane} ${start}`).sort().join('\n'));
  await page.getByLabel('How long').selectOption('10');
  await page.getByLabel('Direction').selectOption('BACKWARD');
  const [request] = await Promise.all([
    page.waitForRequest((one) => one.postData()?.includes('startPlanning') ?? false),
    page.getByRole('button', { name: 'Find a plan' }).click(),
  ]);
  assert.equal(request.postDataJSON().variables.input.direction, 'BACKWARD');
  await page.getByText('Late jobs').waitFor();
  assert.equal(await now(), before, 'nothing changes by looking');
  // The address names the run: who loads the page anew is with it again.
  await page.reload();
  await page.getByText('Late jobs').waitFor();
  await page.waitForFunction(() => document.querySelector('[data-board]')?.board?.hits().length > 0);
  // A run is of the plan of the site: beside a what-if it is nothing to take over.
  const tabs = page.getByRole('navigation', { name: 'Plan and what-ifs' }).getByRole('button');
  await tabs.nth(1).click();
  await page.getByRole('button', { name: 'Find a plan' }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Take this plan over' }).count(), 0);
  await tabs.first().click();
  await page.getByText(/Time is used up|No plan can be better/).waitFor({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Take this plan over' }).click();
  await page.getByRole('button', { name: 'Take it over, adjusted' }).or(page.getByText('New plan taken over')).first().waitFor();
  const adjust = page.getByRole('button', { name: 'Take it over, adjusted' });
  if (await adjust.isVisible()) await adjust.click();
  await page.getByText('New plan taken over').waitFor();
  await until(async () => (await now()) !== before);
  await context.close();
  return 'found, taken over, on the board';
}

const asked = async (query, variables) => {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const answer = await (await fetch(`${app}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) })).json();
  assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
  return answer.data;
};

/** A change of the plan by somebody else. */
async function changed(mutation, type, input) {
  const answer = await asked(`mutation($input: ${type}!) { ${mutation}(input: $input) { userErrors { code message } } }`, { input });
  assert.deepEqual(answer[mutation].userErrors, []);
}

/** Two bars of different jobs that may be moved, of the same machine where there are such. */
const pairOf = (page) => evaluate(page, ({ board }) => {
  const can = board.hits().filter(({ key, x, width }) => width > 30 && x > 240 && x + width < innerWidth - 200 && board.movable(board.model.bar(key)));
  const bars = can.toSorted((one, other) => other.x - one.x).map(({ key, x, y }) => ({ x, y, ...board.model.bar(key) }));
  const pairs = bars.flatMap((one) => bars.filter((other) => other.job !== one.job).map((other) => [one, other]));
  return pairs.find(([one, other]) => one.lane === other.lane) ?? pairs[0];
});

/** What was taken out comes back as it was: with its pin, and why it was set. */
async function takenOut(browser) {
  const { page, context } = await opened(browser);
  const bar = await movable(page, 3);
  const before = await barOf(page, bar.key);
  await page.mouse.click(bar.x + 20, bar.y + 13);
  const detail = page.getByRole('region', { name: 'Selected bar' });
  await detail.getByRole('button', { name: 'Pin…' }).click();
  await page.getByRole('dialog').getByLabel('Why it stays').fill('the customer comes to see it');
  await page.getByRole('dialog').getByRole('button', { name: 'Pin' }).click();
  await detail.getByText('Pinned: the customer comes to see it').waitFor();
  await detail.getByRole('button', { name: 'Take out' }).click();
  await page.getByText(/taken out of the plan/).waitFor();
  await until(async () => (await barOf(page, bar.key)) === undefined);
  await page.getByRole('button', { name: 'Undo' }).click();
  await until(async () => (await barOf(page, bar.key))?.start === before.start);
  assert.deepEqual(await barOf(page, bar.key), before);
  // The panel went with the bar.
  await page.mouse.click(bar.x + 20, bar.y + 13);
  await detail.getByText('Pinned: the customer comes to see it').waitFor();
  await detail.getByRole('button', { name: 'Let go' }).click();
  await page.getByText(/ let go$/).waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await detail.getByText('Pinned: the customer comes to see it').waitFor();
  await detail.getByRole('button', { name: 'Let go' }).click();
  await detail.getByRole('button', { name: 'Pin…' }).waitFor();
  await context.close();
  return 'taken out and taken back with its pin and reason';
}

/** Somebody has moved one of two meanwhile: that is named, and the other one goes back. */
async function partlyBack(browser) {
  const { page, context } = await opened(browser);
  const pair = await pairOf(page);
  await evaluate(page, ({ board }, pair) => {
    const by = 50 * 3_600_000;
    board.propose(board.check(pair.map(({ key, lane, start, end }) => ({ key, lane, start: start + by, end: end + by }))));
    board.drop();
  }, pair);
  const dialog = page.getByRole('dialog', { name: 'Not moved' });
  const line = page.getByText('2 operations moved');
  await dialog.or(line).first().waitFor();
  if (await dialog.isVisible()) {
    await dialog.getByLabel('Reason').fill('the customer is here');
    await dialog.getByRole('button', { name: 'Move anyway' }).click();
  }
  await line.waitFor();
  const undo = page.getByRole('button', { name: 'Undo', exact: true });
  await undo.waitFor();
  const [mine, theirs] = pair;
  const input = {
    moves: [{ jobId: theirs.job, operation: theirs.operation, start: new Date(theirs.start + 75 * 3_600_000).toISOString(), machineId: theirs.lane }],
    reason: 'the material is late',
  };
  await changed('moveOperations', 'MoveOperationsInput', input);
  await undo.click();
  const refused = page.getByRole('dialog', { name: 'Not undone' });
  await refused.getByText(`${theirs.jobCode} · ${theirs.operation}`, { exact: true }).waitFor();
  await refused.getByText('Can go back: 1. Stays where it is: 1.').waitFor();
  await shot(page, 'app-board-undo');
  await page.setViewportSize({ width: 1440, height: 900 });
  const reason = refused.getByLabel('Reason');
  if (await reason.isVisible()) await reason.fill('the customer is here');
  await refused.getByRole('button', { name: 'Undo what can go back' }).click();
  await page.getByText(`Undone, but for ${theirs.jobCode} · ${theirs.operation}`).waitFor();
  await until(async () => (await barOf(page, mine.key))?.start === mine.start);
  await until(async () => (await barOf(page, theirs.key))?.start > theirs.start);
  await context.close();
  return 'of two that were moved one goes back, and the other is named that somebody had moved since';
}

/** The line with Undo goes after a while; what was changed is listed, and goes back from there: the last, and then the one before. */
async function laterBack(browser) {
  const { page, context } = await opened(browser);
  const pair = await pairOf(page);
  for (const { key } of pair) {
    await evaluate(page, ({ board }, key) => {
      const { lane, start, end } = board.model.bar(key);
      const by = 60 * 3_600_000;
      board.propose(board.check([{ key, lane, start: start + by, end: end + by }]));
      board.drop();
    }, key);
    await answerRefusal(page);
    await page.getByRole('status').getByRole('button', { name: 'Close' }).click();
  }
  await page.locator('[data-board]').focus();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).getByText('Move the selected bar').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('[data-board]').focus();
  await page.keyboard.press('Control+z');
  const changes = page.getByRole('region', { name: 'Changes of the plan' });
  for (const { key, start, jobCode } of pair.toReversed()) {
    const change = changes.getByRole('listitem').first();
    await change.getByText(new RegExp(`job ${jobCode} was planned`)).waitFor();
    await change.getByRole('button', { name: 'Undo: 1 operation moved' }).click();
    await until(async () => (await barOf(page, key))?.start === start);
    await page.getByText('Undone: 1 operation moved').waitFor();
  }
  await shot(page, 'app-board-changes');
  await context.close();
  return 'two changes go back one after the other, when nothing says them any more';
}

/** Where it was somebody else is by now: that clashes, and the plan takes it for a reason. */
async function backForReason(browser) {
  const { page, context } = await opened(browser);
  const [mine, other] = await pairOf(page);
  const policy = (overlap) => changed('setPlanPolicies', 'SetPlanPoliciesInput', { preset: 'ON_TIME_FIRST', overlap });
  await page.mouse.click(mine.x + 20, mine.y + 13);
  await page.getByRole('region', { name: 'Selected bar' }).getByRole('button', { name: 'Take out' }).click();
  await page.getByText(/taken out of the plan/).waitFor();
  const move = { jobId: other.job, operation: other.operation, start: new Date(mine.start).toISOString(), machineId: other.lane };
  const taken = { jobId: other.job, operation: other.operation };
  await changed('takeOutOfPlan', 'PlanOperationsInput', { operations: [taken] });
  await changed('moveOperations', 'MoveOperationsInput', { moves: [move], reason: 'the material is late' });
  await policy('ALLOW_WITH_REASON');
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  const refused = page.getByRole('dialog', { name: 'Not undone' });
  await refused.getByText('The plan takes changes that clash only with a reason.').waitFor();
  await refused.getByText(new RegExp(`${other.jobCode} · ${other.operation}`)).first().waitFor();
  assert.ok(await refused.getByRole('button', { name: 'Undo anyway' }).isDisabled(), 'it is not undone without');
  await refused.getByLabel('Reason').fill('the customer is here');
  await shot(page, 'app-board-undo-reason');
  await page.setViewportSize({ width: 1440, height: 900 });
  await refused.getByRole('button', { name: 'Undo anyway' }).click();
  await page.getByText(/^Undone: /).waitFor();
  await until(async () => (await barOf(page, mine.key))?.start === mine.start);
  const { planChanges } = await asked('{ planChanges(first: 1) { reason undoes } }');
  assert.equal(planChanges[0].reason, 'the customer is here');
  await policy('ALLOW');
  await context.close();
  return 'a clash is taken back for a reason, which is kept';
}

/** A what-if shows itself over a selected bar; what it assumes is said at once, and taken back. */
async function assumed(browser) {
  const { page, context } = await opened(browser);
  const bar = await movable(page);
  await page.mouse.click(bar.x + 20, bar.y + 13);
  await page.getByRole('region', { name: 'Selected bar' }).waitFor();
  await page.getByRole('button', { name: 'What if…' }).click();
  const side = page.getByRole('region', { name: 'What-if' });
  await side.getByText('It assumes nothing yet').waitFor();
  await side.getByLabel('Assume that').selectOption('OPERATOR_OUT');
  const name = await side.getByLabel('Person').evaluate(({ selectedOptions: [one] }) => one.textContent);
  await side.getByRole('button', { name: 'Assume', exact: true }).click();
  await side.getByText(`${name} is away from`).waitFor();
  await side.getByLabel('Assume that').selectOption('JOB_LEFT_OUT');
  await side.getByLabel('Job number').fill('no such job');
  await side.getByRole('button', { name: 'Assume', exact: true }).click();
  await side.getByText('There is no job no such job.').waitFor();
  await shot(page, 'app-board-what-if');
  await page.setViewportSize({ width: 1440, height: 900 });
  await side.getByRole('button', { name: `Assume no more: ${name}` }).click();
  await side.getByText('It assumes nothing yet').waitFor();
  await side.getByRole('button', { name: 'Discard this what-if' }).click();
  await side.getByRole('button', { name: 'Discard for good' }).click();
  await side.waitFor({ state: 'detached' });
  await context.close();
  return 'what a what-if assumes is told and taken back';
}

const parts = {
  'a bar is dragged, another browser sees it, and it is taken back': dragged,
  'a bar is moved by keys alone': byKeys,
  'the address does not put back who pans on': pannedOn,
  'a lost connection loses nothing': lostConnection,
  'what was taken out comes back pinned as it was': takenOut,
  'of what somebody has moved since the rest is taken back': partlyBack,
  'what was changed goes back later too': laterBack,
  'an undo that clashes is asked a reason for': backForReason,
  'a what-if assumes, and assumes no more': assumed,
  'the optimiser is followed and its plan taken over': planned,
};

export async function board(browser) {
  const said = [];
  for (const [name, part] of Object.entries(parts)) {
    try {
      said.push(await part(browser));
    } catch (error) {
      error.message = `${name}: ${error.message}`;
      throw error;
    }
  }
  return said.join('; ');
}
