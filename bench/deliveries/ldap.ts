import { Client } from 'ldapts'
import { makeCertificates } from '../../test/services/certificates.js'
import { ADMIN, SLAPD, startSlapd } from '../../test/services/slapd.js'
import { HOST, type Way } from './way.js'

const SUFFIX = 'dc=example,dc=org'

export const ldap: Way = {
  name: 'entries by ldap',
  transport: 'ldap',
  against: 'ldapts',
  count: 2_000,
  inFlight: 10,
  goal: 0.7,
  need: SLAPD,
  async open() {
    const server = await startSlapd([SUFFIX], makeCertificates())
    const { port, password } = server
    await server.asAdmin((client) => client.add(SUFFIX, { objectClass: ['domain'], dc: 'example' }))
    return {
      target: async () => ({
        ...{ host: HOST, port, encryption: 'none', bindDn: ADMIN, password },
        ...{ operation: 'add', dn: `uid={{ event.id }},${SUFFIX}` },
        attributes: {
          objectClass: '["inetOrgPerson"]',
          cn: 'event.id',
          sn: 'data.userName',
          description: 'message.body',
        },
      }),
      async client() {
        const client = new Client({ url: `ldap://${HOST}:${port}` })
        await client.bind(ADMIN, password)
        return {
          send: ({ id, data }) => {
            const { userName } = data as { readonly userName: string }
            const description = JSON.stringify(data)
            return client.add(`uid=${id},${SUFFIX}`, {
              objectClass: ['inetOrgPerson'],
              cn: id,
              sn: userName,
              description,
            })
          },
          close: () => client.unbind(),
        }
      },
      close: server.close,
    }
  },
}
