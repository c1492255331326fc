/**
 * A store that says in this process what ended with a resource, as whoever keeps something of it has to look again.
 */
import type { Ended } from './ending-rules.js'
import type { AdmissionResult, Store } from './port.js'

type Notice = (tenant: string, ended: Ended) => void

export const noticing = (store: Store, notice: Notice): Store => ({
  ...store,
  async admit(admissions, lease) {
    const results = await store.admit(admissions, lease)
    for (const [index, { tenant }] of admissions.entries()) noticeIn(tenant, results[index], notice)
    return results
  },
  async release(release, lease) {
    const result = await store.release(release, lease)
    noticeIn(release.tenant, result, notice)
    return result
  },
  imports: {
    ...store.imports,
    async take(batch) {
      const answer = await store.imports.take(batch)
      if (answer?.ended) notice(batch.tenant, answer.ended)
      return answer
    },
  },
})

function noticeIn(tenant: string, result: AdmissionResult | undefined, notice: Notice): void {
  if (result?.status === 'admitted' && result.ended) notice(tenant, result.ended)
}
