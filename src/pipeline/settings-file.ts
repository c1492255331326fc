/**
 * The settings of processors as one file: written out, compared with what holds, laid over it.
 */
import { isDeepStrictEqual } from 'node:util'
import { hint } from '../event/nearest.js'
import { isObject } from '../json-object.js'
import type { Options } from './options.js'
import { invalid, MEMBERS, NO_SETTING, type ProcessorSetting, readSetting } from './setting.js'

/** What was set at run time, by the name of the processor. */
export interface SettingsFile {
  readonly processors: Readonly<Record<string, Partial<ProcessorSetting>>>
}

export interface SettingChange {
  readonly processor: string
  /** False: no processor of that name is here (yet). */
  readonly registered: boolean
  /** The members that differ, as they are; null: nothing is set. Secrets masked. */
  readonly before: Partial<ProcessorSetting>
  /** The same members as the file says. */
  readonly after: Partial<ProcessorSetting>
}

const NAME = /^[\w.:-]{1,128}$/

/** @throws InvalidInput `invalid_request` with a field such as `processors.acme:check.order` */
export function readSettingsFile(value: unknown): SettingsFile {
  if (!isObject(value)) throw invalid('file', 'is no object', 'processors: settings by name')
  for (const name of Object.keys(value))
    if (name !== 'processors') throw invalid(name, `is no part of the file.${hint(name, ['processors'])}`, 'processors')
  const { processors } = value
  if (!isObject(processors)) throw invalid('processors', 'is no object', 'settings by the name of the processor')
  return {
    processors: Object.fromEntries(
      Object.entries(processors).map(([name, setting]) => {
        const field = `processors.${name}`
        if (!NAME.test(name))
          throw invalid(field, 'is no name of a processor', '1 to 128 letters, digits or any of _ . : -')
        return [name, readSetting(setting, field)]
      }),
    ),
  }
}

/** Only what is set. */
export const setMembers = (setting: ProcessorSetting): Partial<ProcessorSetting> =>
  Object.fromEntries(MEMBERS.flatMap((name) => (setting[name] === null ? [] : [[name, setting[name]]])))

/** The members in which two settings differ, from each. */
export function differences(
  before: ProcessorSetting,
  after: ProcessorSetting,
  mask: (options: Options) => Options,
): Pick<SettingChange, 'before' | 'after'> | null {
  const differing = MEMBERS.filter((name) => !isDeepStrictEqual(before[name], after[name]))
  if (differing.length === 0) return null
  const shown = (setting: ProcessorSetting): Partial<ProcessorSetting> =>
    Object.fromEntries(
      differing.map((name) => [name, name === 'options' && setting.options ? mask(setting.options) : setting[name]]),
    )
  return { before: shown(before), after: shown(after) }
}

/** @param prune what the file does not say is set no longer; else it stays as it is. */
export const laidOver = (
  present: ProcessorSetting,
  said: Partial<ProcessorSetting> | undefined,
  prune: boolean,
): ProcessorSetting => ({ ...NO_SETTING, ...(!prune && present), ...said })
