export interface SnsSubscriptionSettings {
  readonly id: string
  readonly topic: string
}
