// Lets the terminal's page be loaded without network. It serves /terminal and what that page is made of, and nothing else: other screens
// are outside its scope. With network the page always comes from the server, so nobody works with an old version unless there is none.
const VERSION = 'KILTER-VERSION';
/** What the page is made of: the build writes it here. */
const FILES = [];
const PAGE = '/terminal';
const PREFIX = 'kilter-terminal-';
const CACHE = PREFIX + VERSION;
/** A network that takes longer is none, where the page is here. */
const PATIENCE_MS = 4_000;

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll([new Request(PAGE, { cache: 'no-store', headers: { accept: 'text/html' } }), ...FILES]))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(tidy().then(() => self.clients.claim()));
});

/** Older versions go, but the last: a page of it may still be open, and ask for more of it. */
async function tidy() {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(names.slice(0, -1).map((name) => caches.delete(name)));
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (request.mode === 'navigate' && url.pathname === PAGE) event.respondWith(page(request));
  else if (url.pathname.startsWith('/assets/')) event.respondWith(file(request));
});

/** The page as the server has it; where it does not answer, as it was. */
async function page(request) {
  const kept = await keptPage();
  if (kept === undefined) return fetch(request);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    // What stands between us and Kilter answers for it when it is not there.
    return answer.ok ? answer : kept;
  } catch {
    return kept;
  }
}

/** The page of this version. One of the last version is taken only where this one has none: caches.match would look in the oldest first. */
async function keptPage() {
  const others = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE).reverse();
  for (const name of [CACHE, ...others]) {
    const found = await (await caches.open(name)).match(PAGE, { ignoreSearch: true, ignoreVary: true });
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Files are called after what is in them: one that is here, of whichever version, is the right one. */
async function file(request) {
  const own = await (await caches.open(CACHE)).match(request, { ignoreVary: true });
  return own ?? (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}
