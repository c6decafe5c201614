// A well-behaved provider on a free port of this machine: whoever comes is anna@example.com. Says its issuer; ends with its parent.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{
      client_id: "kilter",
      client_secret: process.env.CLIENT_SECRET,
      redirect_uris: [process.env.REDIRECT_URI],
    }],
    claims: { email: ["email", "email_verified"] },
    features: { devInteractions: { enabled: false } },
    findAccount: (_, accountId) => ({
      accountId,
      claims: () => ({ sub: accountId, email: "anna@example.com", email_verified: true }),
    }),
    // Everything that Kilter asks for is granted.
    async loadExistingGrant(ctx) {
      const { client, session, params } = ctx.oidc;
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope(params.scope);
      await grant.save();
      return grant;
    },
  });
  const callback = provider.callback();
  server.on("request", (request, response) => {
    if (!request.url.startsWith("/interaction/")) return callback(request, response);
    return provider.interactionFinished(request, response, { login: { accountId: "anna" } });
  });
  console.log(`issuer ${issuer}`);
});
process.stdin.on("end", () => process.exit()).resume();
