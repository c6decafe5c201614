import '@fontsource-variable/inter/wght.css';
import './design/mantine.css';
import './design/tokens.css';
import './design/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { kept } from './app/kept';
import { startTexts } from './i18n';

await startTexts(kept('language'));
const place = document.getElementById('root');
if (place) {
  createRoot(place).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
