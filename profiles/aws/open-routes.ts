/**
 * What receivers of notifications call without a signature: the certificate, and the links that confirm and leave. These
 * are for whoever holds them: a token, or the ARN of a subscription, which nobody can guess.
 */
import type { Hub, PluginReply, PluginRequest, PluginRoute } from '../../src/index.js'
import { TEXT } from '../schema.js'
import { AwsError, snsCode } from './aws-error.js'
import type { Call } from './call.js'
import { originOf, placeOf } from './names.js'
import { Parameters } from './parameters.js'
import { signerOf } from './sns/signing.js'
import { subscriptionArn } from './sns/subscription-settings.js'
import { confirm, leave } from './sns/subscriptions.js'
import { answerXml, errorXml } from './xml.js'

async function certificate({ params }: PluginRequest, hub: Hub): Promise<PluginReply> {
  const signer = await signerOf(hub)
  if (params.file !== signer.file)
    return { status: 404, headers: { 'content-type': 'text/plain' }, body: 'No such certificate.' }
  return { status: 200, headers: { 'content-type': 'application/x-pem-file' }, body: signer.certificate }
}

async function link(request: PluginRequest, hub: Hub): Promise<PluginReply> {
  const headers = { 'content-type': 'text/xml' }
  try {
    const fields = Object.fromEntries(new URL(request.url, 'http://localhost').searchParams)
    const call = await callOf(request, hub, fields)
    return {
      status: 200,
      headers,
      body: answerXml('sns', String(fields.Action), await perform(call, fields.Action), request.id),
    }
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    const { status, fault, message, name } = error
    return { status, headers, body: errorXml('sns', { fault, message, code: snsCode(name) }, request.id) }
  }
}

async function perform(call: Call, action: string | undefined): Promise<Readonly<Record<string, unknown>>> {
  if (action === 'ConfirmSubscription') return { SubscriptionArn: subscriptionArn(call.place, await confirm(call)) }
  if (action !== 'Unsubscribe')
    throw new AwsError('InvalidAction', 'Action must be ConfirmSubscription or Unsubscribe.')
  await leave(call)
  return {}
}

async function callOf(request: PluginRequest, hub: Hub, fields: Readonly<Record<string, string>>): Promise<Call> {
  const { tenant = '' } = request.params
  const principal = { ...hub.local, id: 'aws', name: 'aws', tenant, roles: ['admin'] as const }
  const place = placeOf(hub.config, tenant, originOf(request))
  return { ...{ hub, principal, place, now: Date.now(), signal: request.signal }, parameters: new Parameters(fields) }
}

export const openRoutes: readonly PluginRoute[] = [
  {
    ...{ method: 'GET', path: '/aws/sns/:tenant', operationId: 'awsSnsLink', scope: 'own', handle: link },
    summary: 'Confirm or leave a subscription of a topic',
    answers: { status: 200, description: 'Done.', bodies: { 'text/xml': TEXT } },
    errors: { 'text/xml': TEXT },
  },
  {
    ...{ method: 'GET', path: '/aws/:file', operationId: 'awsSnsCertificate', scope: 'own', handle: certificate },
    summary: 'The certificate that notifications are verified with',
    answers: { status: 200, description: 'In PEM.', bodies: { 'application/x-pem-file': TEXT } },
    errors: { 'text/plain': TEXT },
  },
]
