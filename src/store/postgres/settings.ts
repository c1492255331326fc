import type { SettingStore } from '../port.js'
import type { Database } from './database.js'
import type { Session } from './session.js'
import { statement } from './statement.js'

const FIND = statement('SELECT value FROM settings WHERE name = ?')
const PUT = statement(`INSERT INTO settings (name, value, updated_at, updated_by) VALUES (?, ?, ?, ?)
  ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at, updated_by = excluded.updated_by`)

export const postgresSettings = ({ read, write }: Database): SettingStore => ({
  get: async (name) => {
    const row = await read.get(FIND, name)
    return row === undefined ? null : String(row[0])
  },
  put: (...row) => write((session) => putSetting(session, ...row)),
})

export async function putSetting(session: Session, name: string, value: string, at: number, by: string): Promise<void> {
  await session.run(PUT, name, value, at, by)
}
