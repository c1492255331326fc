export interface TopicSettings {
  readonly name: string
}
