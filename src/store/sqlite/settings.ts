import type { SettingStore } from '../port.js'
import type { Session } from './session.js'
import type { Sync } from './sync.js'

const PUT = 'REPLACE INTO settings (name, value, updated_at, updated_by) VALUES (?, ?, ?, ?)'

export const sqliteSettings = (session: Session): Sync<SettingStore> => ({
  get: (name) => {
    const row = session.get('SELECT value FROM settings WHERE name = ?', name)
    return row === undefined ? null : String(row[0])
  },
  put: (name, value, at, by) => {
    session.run(PUT, name, value, at, by)
  },
})
