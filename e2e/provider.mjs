// A provider of identities (OpenID Connect) on a loopback address, for the stories of signing in: `node provider.mjs PORT BACK [MINUTES]`.
// Whoever signs in to it as `1042` has the service number `officer:1042`. Its clock is MINUTES ahead.
import { Provider } from 'oidc-provider';

const [port, back, minutes = '0'] = process.argv.slice(2);
const present = Date.now;
Date.now = () => present() + Number(minutes) * 60_000;
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [{ client_id: 'habeas', client_secret: 'a-secret-for-a-story-only', redirect_uris: [back], response_types: ['code'], grant_types: ['authorization_code'] }],
  pkce: { required: () => true },
  claims: { openid: ['sub'], service: ['service_number'] },
  scopes: ['openid', 'service'],
  conformIdTokenClaims: false,
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, service_number: `officer:${id}` }) }),
  cookies: { keys: ['a-key-for-a-story-only'] },
});
provider.listen(Number(port), '127.0.0.1', () => console.log(`ready ${issuer}`));
