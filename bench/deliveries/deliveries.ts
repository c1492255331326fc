/**
 * `deliveries`: each transport to a real server, beside the client that people would otherwise use for it.
 */
import type { Contest } from '../contest.js'
import { contestOf, contestWithout } from './contest.js'
import { file } from './file.js'
import { ldap } from './ldap.js'
import { smtp } from './smtp.js'
import { snmp } from './snmp.js'
import { mariadb, postgres, sqlite } from './sql.js'
import { syslog } from './syslog.js'
import type { Place, Way } from './way.js'
import { webhook, webhookFromLog } from './webhook.js'

const WAYS: readonly Way[] = [webhook, webhookFromLog, smtp, syslog, snmp, postgres, mariadb, sqlite, ldap, file]

/** A server is started when it is first delivered to. @param scale divides the amount of work. */
export function deliveries(scale: number): { readonly contests: readonly Contest[]; close(): Promise<void> } {
  const opened: Promise<Place>[] = []
  const contests = WAYS.map((way) => {
    if (way.need?.there === false) return contestWithout(way, `needs ${way.need.without}`)
    let place: Promise<Place> | undefined
    const open = () => {
      place ??= way.open()
      if (!opened.includes(place)) opened.push(place)
      return place
    }
    return contestOf({ ...way, count: Math.ceil(way.count / scale) }, open)
  })
  const close = async () => {
    await Promise.allSettled(opened.map(async (place) => (await place).close()))
  }
  return { contests, close }
}
