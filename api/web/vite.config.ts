import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

// Kilter that the dev server asks: KILTER=http://127.0.0.1:8080, and KILTER_TOKEN for who does not sign in.
const kilter = process.env['KILTER'] ?? 'http://localhost:8080';
const token = process.env['KILTER_TOKEN'];

/** To Kilter as if its own pages asked: it lets no other origin use cookies. */
const proxied = {
  target: kilter,
  ws: true,
  changeOrigin: true,
  headers: { origin: kilter, ...(token && { authorization: `Bearer ${token}` }) },
};

/** Pages of the server that the app leads to. */
const pages = [
  'sign-in',
  'sign-up',
  'verify',
  'forgot-password',
  'reset-password',
  'invitation',
  'guest',
  'account',
  'cookies',
  'providers',
  'outbox',
];
const scripts = [
  'people.css',
  'people.js',
  'account.js',
  'dialogs.js',
  'passkeys.js',
  'cookies.js',
  'cookies.json',
  'providers.js',
  'requests.js',
  'texts.js',
];

/** GraphiQL's styles bring letters along as data, which the page's policy keeps out: the app's are used. */
const withoutFonts: Plugin = {
  name: 'graphiql-without-fonts',
  enforce: 'pre',
  transform: (code, id) => (/graphiql\/dist\/style\.css/.test(id) ? code.replace(/@font-face\s*{[^}]*}/g, '') : undefined),
};

export default defineConfig({
  plugins: [react(), withoutFonts],
  // The server puts a number of its own in place of this, another one in every answer.
  html: { cspNonce: 'KILTER-NONCE' },
  build: {
    target: 'es2023',
    manifest: true,
    sourcemap: false,
    // Nothing is put into an address: what a page loads has a name and is cached by it.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    // The routes are one file: each has a list of what its screen loads, and together these lists are short.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'routes', test: /src\/screens\/[^/]+\/route\.ts$/ }] } } },
  },
  server: {
    port: 5173,
    proxy: {
      '/graphql': proxied,
      '/auth': proxied,
      '/texts/': proxied,
      '/calendar/': proxied,
      ...Object.fromEntries([...pages, ...scripts].map((path) => [`^/${path}$`, proxied])),
    },
  },
});
