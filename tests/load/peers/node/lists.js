// The bench's list of jobs with their operations, from memory, by mercurius with graphql-jit.
import fastify from 'fastify';
import mercurius from 'mercurius';

const schema = `
  type Query { jobs(first: Int!): JobConnection! }
  type JobConnection { edges: [JobEdge!]!, pageInfo: PageInfo! }
  type PageInfo { hasNextPage: Boolean!, endCursor: String }
  type JobEdge { cursor: String!, node: Job! }
  type Job {
    id: ID!, number: String!, product: String, customer: String, unit: String!, priority: Int!, due: String, late: Boolean!,
    status: String!, createdAt: String!, operations: [Operation!]!
  }
  type Operation {
    number: Int!, name: String!, status: String!, workCenter: Reference!, good: String!, scrap: String!, runSeconds: String!
  }
  type Reference { id: ID!, code: String!, name: String }`;

const workCenter = { id: 'd2NfMDE5YTQ3YjYtYzBmZS01ZTFk', code: 'WC1', name: 'Turning and milling' };
const operations = [10, 20, 30, 40, 50].map((number) => ({
  number, name: `operation ${number}`, status: 'PENDING', workCenter, good: '0', scrap: '0', runSeconds: '0',
}));
const edges = Array.from({ length: 100 }, (_, index) => ({
  cursor: `am9iXzAxOWE0N2I2LWMwZmUtNWUxZC0${index}`,
  node: {
    id: `am9iXzAxOWE0N2I2LWMwZmUtNWUxZC0${index}`, number: `L${index}`, product: 'Spindle housing', customer: 'Hargreaves',
    unit: 'pcs', priority: 50, due: '2012-03-01T05:00:00Z', late: true, status: 'PENDING',
    createdAt: '2012-01-02T05:00:00Z', operations,
  },
}));

const app = fastify();
app.register(mercurius, {
  schema,
  resolvers: { Query: { jobs: (_, { first }) => ({ edges: edges.slice(0, first), pageInfo: { hasNextPage: false } }) } },
  jit: 1,
});
console.log(`ready ${await app.listen({ host: '127.0.0.1', port: 0 })}`);
