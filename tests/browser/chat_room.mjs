// The chat room in a real browser: Debian's chromium, without a window.
//
//   node chat_room.mjs <the program> <folder for screenshots>

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import net from 'node:net';
import { createInterface } from 'node:readline';
import test, { after, before } from 'node:test';
import { chromium } from 'playwright-core';

const [program, screenshots] = process.argv.slice(2);

let server, site, browser;

before(async () => {
  mkdirSync(screenshots, { recursive: true });
  server = spawn(program, ['--listen', '127.0.0.1:0']);
  const [line] = await once(createInterface(server.stdout), 'line');
  site = line.match(/http:\S+/)[0];
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium', args: ['--no-sandbox'],
  });
});

after(async () => {
  await browser?.close();
  server.kill('SIGTERM');
  const [status] = await once(server, 'exit');
  assert.equal(status, 0);
});

// A connection to the server that can be cut, and repaired.
async function road(t) {
  const ends = new Set();
  let isCut = false;
  const listener = net.createServer(near => {
    if (isCut) return near.destroy();
    const far = net.connect(new URL(site).port, '127.0.0.1');
    for (const [from, to] of [[near, far], [far, near]]) {
      ends.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => { ends.delete(from); to.destroy(); });
      from.pipe(to);
    }
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const cut = () => { isCut = true; ends.forEach(end => end.destroy()); };
  t.after(() => { cut(); listener.close(); });
  return {
    site: `http://127.0.0.1:${listener.address().port}/`,
    cut,
    mend() { isCut = false; },
  };
}

// A page in a browser of its own, as each person has one. An error in it, or a
// request to another site, fails the test.
async function visit(t, name, { at = site, query = '', ...options } = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const faults = [];
  page.on('pageerror', error => faults.push(String(error)));
  page.on('dialog', dialog => { faults.push('a dialog'); dialog.dismiss(); });
  page.on('request', request => {
    if (!request.url().startsWith(at) && !request.url().startsWith('data:'))
      faults.push(`asked for ${request.url()}`);
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(faults, []);
  });
  await page.goto(at + query);
  await page.getByLabel('Your name').fill(name);
  await page.keyboard.press('Enter');
  await page.locator('#state', { hasText: /^live/ }).waitFor();
  return page;
}

const current = (page, room) =>
  page.locator('#rooms [aria-current=true]', { hasText: room }).waitFor();

async function create(page, room) {
  await page.getByLabel('New room').fill(room);
  await page.keyboard.press('Enter');
  await current(page, room);
}

async function enter(page, room) {
  await page.locator('#rooms button', { hasText: room }).click();
  await current(page, room);
}

async function say(page, text) {
  await page.getByLabel('Message').fill(text);
  await page.keyboard.press('Enter');
}

// What was said in the room that the page shows, once `last` is there.
async function heard(page, last) {
  const said = page.locator('#talk li[data-id] span');
  await said.filter({ hasText: last }).first().waitFor();
  return said.allInnerTexts();
}

const here = (page, name) =>
  page.locator('#people li', { hasText: name }).waitFor();

test('two people talk, and see who is here', async t => {
  const ann = await visit(t, 'ann');
  const bob = await visit(t, 'bob');
  await here(ann, 'bob');
  await here(bob, 'ann');
  await say(ann, 'hello bob');
  assert.deepEqual(await heard(bob, 'hello bob'), ['hello bob']);
  await say(bob, 'hello ann');
  assert.deepEqual(await heard(ann, 'hello ann'), ['hello bob', 'hello ann']);
});

test('a new room is there for everybody who looks', async t => {
  const ann = await visit(t, 'ann');
  const bob = await visit(t, 'bob');
  await create(ann, 'birds');
  await say(ann, 'a wren');
  await enter(bob, 'birds');
  assert.deepEqual(await heard(bob, 'a wren'), ['a wren']);
});

test('who was cut off misses nothing, and hears nothing twice', async t => {
  const way = await road(t);
  const ann = await visit(t, 'ann', { at: way.site });
  const bob = await visit(t, 'bob');
  await create(ann, 'tunnel');
  await say(ann, 'one');
  await heard(ann, 'one');
  await bob.reload();
  await bob.getByLabel('Your name').fill('bob');
  await bob.keyboard.press('Enter');
  await enter(bob, 'tunnel');
  await heard(bob, 'one');

  way.cut();
  await ann.locator('#state.lost').waitFor();
  await say(bob, 'two');
  await heard(bob, 'two');
  await say(ann, 'three');  // waits in the page
  await ann.locator('#talk li.waits', { hasText: 'three' }).waitFor();

  way.mend();
  const all = ['one', 'two', 'three'];
  assert.deepEqual(await heard(ann, 'three'), all);
  assert.deepEqual(await heard(bob, 'three'), all);
});

test('without a WebSocket, everything by polling', async t => {
  const ann = await visit(t, 'ann', { query: '?poll' });
  const bob = await visit(t, 'bob');
  await create(ann, 'slow road');
  await say(ann, 'by post');
  assert.deepEqual(await heard(ann, 'by post'), ['by post']);
  await bob.reload();
  await bob.getByLabel('Your name').fill('bob');
  await bob.keyboard.press('Enter');
  await enter(bob, 'slow road');
  await say(bob, 'and back');
  assert.deepEqual(await heard(ann, 'and back'), ['by post', 'and back']);
  await enter(ann, 'topic2');  // while a poll waits in the other room
  await say(ann, 'here, too');
  await heard(ann, 'here, too');
});

test('what people write stays text', async t => {
  const attempts = [
    '<img src=x onerror=alert(1)>', '<script>alert(2)</script>',
    '"><svg onload=alert(3)>', 'javascript:alert(4)', '{{nonce}} ${alert(5)}',
    '</script><b>bold</b>', '\u202eright to left',
  ];
  const eve = await visit(t, '<b onmouseover=alert(6)>eve');
  await create(eve, '<i>room');
  for (const attempt of attempts) await say(eve, attempt);
  assert.deepEqual(await heard(eve, attempts.at(-1)), attempts);
  const bob = await visit(t, 'bob');
  await enter(bob, '<i>room');
  assert.deepEqual(await heard(bob, attempts.at(-1)), attempts);
  await here(bob, '<b onmouseover=alert(6)>eve');
  assert.equal(await bob.locator(
    '#chat :is(img, script, svg, i, [onmouseover]), #talk li b b').count(), 0);
});

test('the keyboard is enough', async t => {
  const ann = await visit(t, 'ann');
  const focus = () => ann.evaluate(() =>
    document.activeElement.getAttribute('aria-label') ??
    document.activeElement.textContent);
  assert.equal(await focus(), 'Message');
  const passed = [];
  for (let i = 0; i < 12; ++i) {
    await ann.keyboard.press('Shift+Tab');
    passed.push(await focus());
    if (passed.at(-1) === 'topic1') break;
  }
  assert.ok(passed.includes('New room'), passed.join(', '));
  assert.equal(passed.at(-1), 'topic1', passed.join(', '));
  await ann.keyboard.press('Enter');
  await current(ann, 'topic1');
  assert.equal(await focus(), 'Message');
});

for (const colorScheme of ['light', 'dark'])
  for (const [size, viewport] of Object.entries({
    desk: { width: 1100, height: 700 }, phone: { width: 360, height: 640 },
  }))
    test(`on a ${size}, ${colorScheme}`, async t => {
      const page = await visit(t, 'ann', { colorScheme, viewport });
      const bob = await visit(t, 'bob');
      await create(page, `${size} ${colorScheme}`);
      await say(page, 'Does it fit? ' + 'a long line '.repeat(12));
      await bob.reload();
      await bob.getByLabel('Your name').fill('bob');
      await bob.keyboard.press('Enter');
      await enter(bob, `${size} ${colorScheme}`);
      await say(bob, 'It does.');
      await heard(page, 'It does.');
      await page.screenshot({
        path: `${screenshots}/${size}-${colorScheme}.png`,
      });
      const tooWide = await page.evaluate(() =>
        document.documentElement.scrollWidth - innerWidth);
      assert.ok(tooWide <= 0, `${tooWide} pixels too wide`);
      const light = await page.evaluate(() =>
        getComputedStyle(document.body).backgroundColor.match(/\d+/g)
          .every(part => part > 128));
      assert.equal(light, colorScheme === 'light');
    });
