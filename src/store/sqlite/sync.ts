/** The port's interfaces as the engine implements them: over one connection, without promises. */
import type { CapturedRowStore } from '../../intake/capture/captured-rows.js'
import type { ImportStore } from '../../registry/import-store.js'
import type {
  AccessStore,
  AuditStore,
  InboxStore,
  LogStore,
  MailStore,
  ProcessorStore,
  RegistryStore,
  SettingStore,
  SliceStore,
  Store,
  SubscriptionStore,
  TaskStore,
} from '../port.js'

export type Sync<Port> = {
  [Method in keyof Port]: Port[Method] extends (...args: infer Args) => Promise<infer Answer>
    ? (...args: Args) => Answer
    : never
}

export interface SyncStore
  extends Sync<Pick<Store, 'admit' | 'release' | 'erase' | 'configure' | 'ping' | 'prune' | 'pruneTasks'>> {
  vacuum(): void
  truncateWal(): boolean
  readonly log: Sync<LogStore>
  readonly tasks: Sync<TaskStore>
  readonly slices: Sync<SliceStore>
  readonly subscriptions: Sync<SubscriptionStore>
  readonly registry: Sync<RegistryStore>
  readonly imports: Sync<ImportStore>
  readonly access: Sync<AccessStore>
  readonly processors: Sync<ProcessorStore>
  readonly settings: Sync<SettingStore>
  readonly mail: Sync<MailStore>
  readonly capturedRows: Sync<CapturedRowStore>
  readonly audit: Sync<AuditStore>
  readonly inbox: Sync<InboxStore>
}
