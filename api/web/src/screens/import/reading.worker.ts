// Reads a file beside the page, which stays quick meanwhile: a question after the other, each answered under its number.
import { type Answer, type Asks, Reading } from './reading';
import { TableRefused } from './table';

const reading = new Reading();

const asked = (asks: Asks): unknown => {
  switch (asks.name) {
    case 'open':
      return reading.open(...asks.given);
    case 'summary':
      return reading.summary(...asks.given);
    case 'begin':
      return reading.begin(...asks.given);
    case 'batch':
      return reading.batch(...asks.given);
  }
};

async function answerTo(asks: Asks): Promise<Answer> {
  try {
    return { id: asks.id, value: await asked(asks) };
  } catch (error) {
    if (error instanceof TableRefused) return { id: asks.id, refused: { why: error.why, count: error.count } };
    return { id: asks.id, failed: String(error) };
  }
}

addEventListener('message', ({ data }: MessageEvent<Asks>) => void answerTo(data).then((answer) => postMessage(answer)));
