import type { ProcessorStore } from '../port.js'
import { SETTING } from '../sql/shapes.js'
import type { Database } from './database.js'
import { statement } from './statement.js'
import { SETTINGS_OF_PROCESSORS } from './tables.js'

const ALL = statement(`SELECT ${SETTING.columns} FROM processor_settings ORDER BY name`)

export const postgresProcessors = ({ read, write }: Database): ProcessorStore => ({
  settings: async () => (await read.all(ALL)).map((row) => SETTING.read(row)),
  put: (row) => write((session) => session.write(SETTINGS_OF_PROCESSORS, [SETTING.pack(row)])),
})
