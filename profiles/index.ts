/**
 * The profiles in the box: each reads one system's messages and keeps that system's own names.
 */
import { readFileSync } from 'node:fs'
import { type Config, InvalidInput, messageOf, type Plugin } from '../src/index.js'
import { actividCms, actividCmsWith, readSiteCatalogue } from './activid-cms/index.js'
import { aps } from './aps/index.js'
import { aws, awsWith } from './aws/index.js'
import { czechidm } from './czechidm/index.js'
import { fimCm } from './fim-cm/index.js'
import { readKeysFile, uwRegistry, uwRegistryWith } from './uw-registry/index.js'

export {
  type AIMSEvent,
  type Configuration,
  type ConfigurationInput,
  type ConfigurationTemplate,
  type EventContext,
  EventNotificationAdapter,
  type EventNotificationPlugin,
  INTERFACE_VERSION,
} from './activid-cms/index.js'

export type {
  ClmObject,
  ClmRequest,
  Criteria,
  DataCollectionItem,
  Notification,
  NotificationContext,
  NotificationSink,
  NotificationType,
  Provision,
} from './fim-cm/index.js'
export { actividCms, aps, aws, czechidm, fimCm, uwRegistry }

export const profiles: readonly Plugin[] = [actividCms, fimCm, uwRegistry, aps, czechidm, aws]

/** The same, as an instance's settings say. @throws InvalidInput `invalid_config` for a file that is wrong or cannot be read */
export function profilesFor({ profiles: settings }: Pick<Config, 'profiles'>): readonly Plugin[] {
  const { catalogue } = settings.actividCms
  const { keys } = settings.uwRegistry
  const { host, from, ...email } = settings.aws.email ?? {}
  const mailServer = host !== undefined && from !== undefined ? { ...email, host, from } : null
  const special = new Map<Plugin, Plugin>([
    ...(catalogue === undefined ? [] : [[actividCms, actividCmsWith(readSiteCatalogue(textOf(catalogue)))] as const]),
    ...(keys === undefined ? [] : [[uwRegistry, uwRegistryWith(readKeysFile(keys))] as const]),
    ...(mailServer === null ? [] : [[aws, awsWith(mailServer)] as const]),
  ])
  return profiles.map((profile) => special.get(profile) ?? profile)
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new InvalidInput('invalid_config', `The catalogue cannot be read: ${messageOf(error)}`, {
      field: 'profiles.actividCms.catalogue',
      expected: 'a YAML or JSON file',
    })
  }
}
