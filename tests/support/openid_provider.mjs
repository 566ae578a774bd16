// The OpenID provider of npm, with one client and one person: node openid_provider.mjs MODULES PORT REDIRECT GROUPS
import { pathToFileURL } from 'node:url'

const [modules, port, redirect, groups] = process.argv.slice(2)
const { default: Provider } = await import(pathToFileURL(`${modules}/oidc-provider/lib/index.js`))
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: 'tally',
    client_secret: 'the-secret-of-tally',
    redirect_uris: [redirect],
    grant_types: ['authorization_code'],
    response_types: ['code'],
  }],
  scopes: ['openid', 'profile', 'email', 'groups'],
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email'], groups: ['groups'] },
  pkce: { required: () => true },
  cookies: { keys: ['a key of tests'] },
  findAccount: (_, sub) => ({
    accountId: sub,
    claims: () => ({
      sub, name: 'Anna Schmidt', preferred_username: sub, email: 'anna@example.org', groups: groups.split(' '),
    }),
  }),
})
provider.listen(Number(port), '127.0.0.1', () => console.log('listening'))
