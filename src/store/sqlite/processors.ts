import type { ProcessorStore } from '../port.js'
import { SETTING } from '../sql/shapes.js'
import type { Session } from './session.js'
import type { Sync } from './sync.js'

export const sqliteProcessors = (session: Session): Sync<ProcessorStore> => ({
  settings: () =>
    session.all(`SELECT ${SETTING.columns} FROM processor_settings ORDER BY name`).map((row) => SETTING.read(row)),
  put: (row) => {
    session.insert(SETTING, row)
  },
})
