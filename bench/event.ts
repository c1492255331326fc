/**
 * The event of all measurements: 1 KiB as JSON, an id of its own, a subject of its own.
 */
import { randomUUID } from 'node:crypto'

const data = {
  userName: 'ada.lovelace',
  email: 'ada.lovelace@example.org',
  displayName: `Ada Lovelace ${'x'.repeat(690)}`,
  validUntil: '2027-06-30T00:00:00Z',
}

export const eventAt = (index: number) => ({
  id: randomUUID(),
  type: 'user.updated' as const,
  source: '/hr',
  subject: `user-${index}`,
  time: '2026-11-21T08:00:00Z',
  data,
})
