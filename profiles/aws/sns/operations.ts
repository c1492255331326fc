/**
 * The operations of SNS that are here, by name. Those for SMS, mobile push and data protection are not.
 */
import type { Operation } from '../call.js'
import { publish, publishBatch } from './publish.js'
import * as subscriptions from './subscriptions.js'
import * as topics from './topics.js'

export const SNS: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    CreateTopic: topics.createTopic,
    DeleteTopic: topics.deleteTopic,
    ListTopics: topics.listTopics,
    GetTopicAttributes: topics.getTopicAttributes,
    SetTopicAttributes: topics.setTopicAttributes,
    TagResource: topics.tagResource,
    UntagResource: topics.untagResource,
    ListTagsForResource: topics.listTagsForResource,
    AddPermission: topics.addPermission,
    RemovePermission: topics.removePermission,
    Subscribe: subscriptions.subscribe,
    ConfirmSubscription: subscriptions.confirmSubscription,
    Unsubscribe: subscriptions.unsubscribe,
    ListSubscriptions: subscriptions.listSubscriptions,
    ListSubscriptionsByTopic: subscriptions.listSubscriptionsByTopic,
    GetSubscriptionAttributes: subscriptions.getSubscriptionAttributes,
    SetSubscriptionAttributes: subscriptions.setSubscriptionAttributes,
    Publish: publish,
    PublishBatch: publishBatch,
  }),
)
