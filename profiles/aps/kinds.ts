/**
 * The event types of the APS controller. They are URIs already, so they keep them as names.
 */
const DOCS = 'https://docs.cloudblue.com/cbc/sdk/8.2/concepts/events/aps-event/'
const GENERAL = 'http://aps-standard.org/core/events/'
const SUBSCRIPTION = 'http://parallels.com/aps/events/pa/subscription/'

export interface Kind {
  readonly uri: string
  readonly title: string
  readonly caseOf: string
  readonly documentation?: string
  /** Only subscriptions of the platform tell it. */
  readonly ofSubscriptions?: true
}

export const KINDS: readonly Kind[] = [
  {
    uri: `${GENERAL}available`,
    title: 'A resource became available',
    caseOf: 'resource.available',
    documentation: `${DOCS}general/`,
  },
  // A property or `aps.status` of the source; one operation gives one event, however many properties it changed.
  {
    uri: `${GENERAL}changed`,
    title: 'A resource changed',
    caseOf: 'resource.changed',
    documentation: `${DOCS}general/`,
  },
  {
    uri: `${GENERAL}removed`,
    title: 'A resource was removed',
    caseOf: 'resource.removed',
    documentation: `${DOCS}general/`,
  },
  {
    uri: `${GENERAL}linked`,
    title: 'A link was created on a resource',
    caseOf: 'resource.linked',
    documentation: `${DOCS}general/`,
  },
  {
    uri: `${GENERAL}unlinked`,
    title: 'A link of a resource was removed',
    caseOf: 'resource.unlinked',
    documentation: `${DOCS}general/`,
  },
  {
    uri: `${SUBSCRIPTION}bindToDomain`,
    title: 'A child subscription for a domain was created',
    caseOf: 'resource.bound-to-domain',
    ofSubscriptions: true,
    documentation: `${DOCS}domain/`,
  },
  {
    uri: `${SUBSCRIPTION}limits/changed`,
    title: 'Resource limits of a subscription changed',
    caseOf: 'resource.limits-changed',
    ofSubscriptions: true,
    documentation: `${DOCS}limit/`,
  },
  // When processing of the renewal order starts.
  {
    uri: `${SUBSCRIPTION}renewed`,
    title: 'The renewal of a subscription began',
    caseOf: 'resource.renewed',
    ofSubscriptions: true,
    documentation: `${DOCS}renewal/`,
  },
  // Known from public connector code alone. Ours: both are changes of the subscription, to be read back from it.
  {
    uri: `${SUBSCRIPTION}activate/changes`,
    title: 'Scheduled changes of a subscription were activated',
    caseOf: 'resource.changed',
    ofSubscriptions: true,
  },
  {
    uri: `${SUBSCRIPTION}cancel/changes`,
    title: 'Scheduled changes of a subscription were cancelled',
    caseOf: 'resource.changed',
    ofSubscriptions: true,
  },
]

export const RENEWED = `${SUBSCRIPTION}renewed`
export const LINKS: readonly string[] = [`${GENERAL}linked`, `${GENERAL}unlinked`]

const byUri = new Map(KINDS.map((kind) => [kind.uri, kind]))

export const kindOf = (uri: string): Kind | undefined => byUri.get(uri)
