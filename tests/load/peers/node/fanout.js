// One event to all who subscribed, by graphql-ws: POST / tells one.
import { createServer } from 'node:http';
import { EventEmitter, on } from 'node:events';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

const schema = buildSchema(`
  type Query { hello: String }
  type Subscription { activityAppended: ActivityAppended! }
  type ActivityAppended { cursor: String!, recordedAt: String }`);

const told = new EventEmitter().setMaxListeners(0);
let position = 0;
const happened = () => ({ activityAppended: { cursor: String(position), recordedAt: new Date().toISOString() } });

schema.getSubscriptionType().getFields().activityAppended.subscribe = async function* () {
  const events = on(told, 'event');
  yield happened();
  for await (const [event] of events) yield event;
};

const server = createServer((request, response) => {
  position += 1;
  told.emit('event', happened());
  request.resume();
  response.end('{"data":{"userErrors":[]}}');
});
useServer({ schema }, new WebSocketServer({ server, path: '/graphql' }));
server.listen({ host: '127.0.0.1', port: 0, backlog: 1024 }, () => {
  console.log(`ready http://127.0.0.1:${server.address().port}`);
});
