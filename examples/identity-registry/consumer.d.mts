export interface OpenedMessage {
  readonly header: Readonly<Record<string, string>>
  readonly context: Readonly<Record<string, unknown>>
  readonly body: Readonly<Record<string, unknown>>
}

export function openMessage(
  line: string,
  trust: {
    readonly certificates: ReadonlyMap<string, string | Uint8Array>
    readonly keys: ReadonlyMap<string, Uint8Array>
  },
): OpenedMessage
