"""What a consumer of the University does with boto3, whatever its version: SQS by JSON from 1.28 on, by forms before."""
import json
import sys

import boto3
from botocore.exceptions import ClientError

options = {"endpoint_url": sys.argv[1], "region_name": "us-east-1"}
sns = boto3.client("sns", **options)
sqs = boto3.client("sqs", **options)

url = sqs.create_queue(QueueName="boto", Attributes={"VisibilityTimeout": "60"}, tags={"a": "b"})["QueueUrl"]
arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]["QueueArn"]
topic = sns.create_topic(Name="boto")["TopicArn"]
subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True)["SubscriptionArn"]
assert [each["TopicArn"] for each in sns.list_topics()["Topics"]] == [topic]
assert sqs.list_queues()["QueueUrls"] == [url]
assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"][0]["Endpoint"] == arn
sqs.add_permission(QueueUrl=url, Label="sender", AWSAccountIds=[arn.split(":")[4]], Actions=["SendMessage"])

assert "Messages" not in sqs.receive_message(QueueUrl=url)
sent = sns.publish(
    TopicArn=topic,
    Message='{"a": "<&\\u00e9>"}',
    Subject="IAM Message",
    MessageStructure="string",
    MessageAttributes={"kind": {"DataType": "String", "StringValue": "x"}},
)
(message,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5, AttributeNames=["All"])["Messages"]
envelope = json.loads(message["Body"])
assert envelope["Message"] == '{"a": "<&\\u00e9>"}' and envelope["MessageId"] == sent["MessageId"], envelope
assert message["Attributes"]["ApproximateReceiveCount"] == "1"
sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
(message,) = sqs.receive_message(QueueUrl=url)["Messages"]
sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

entries = [{"Id": str(n), "MessageBody": "m%d\r\n" % n, "MessageAttributes": {"b": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}}} for n in range(3)]
batch = sqs.send_message_batch(QueueUrl=url, Entries=entries)
assert len(batch["Successful"]) == 3 and not batch.get("Failed"), batch
got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])["Messages"]
assert sorted(each["Body"] for each in got) == ["m0\r\n", "m1\r\n", "m2\r\n"]
assert got[0]["MessageAttributes"]["b"]["BinaryValue"] == b"\x00\xff"
gone = sqs.delete_message_batch(QueueUrl=url, Entries=[{"Id": str(n), "ReceiptHandle": each["ReceiptHandle"]} for n, each in enumerate(got)])
assert len(gone["Successful"]) == 3
sqs.purge_queue(QueueUrl=url)
assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"a": "b"}

fifo = sqs.create_queue(QueueName="boto.fifo", Attributes={"FifoQueue": "true", "ContentBasedDeduplication": "true"})["QueueUrl"]
sqs.send_message_batch(QueueUrl=fifo, Entries=[{"Id": str(n), "MessageBody": str(n), "MessageGroupId": "g"} for n in range(3)])
run = sqs.receive_message(QueueUrl=fifo, MaxNumberOfMessages=2, AttributeNames=["MessageGroupId"])["Messages"]
assert [(each["Body"], each["Attributes"]["MessageGroupId"]) for each in run] == [("0", "g"), ("1", "g")], run
assert "Messages" not in sqs.receive_message(QueueUrl=fifo)
back = [{"Id": str(n), "ReceiptHandle": each["ReceiptHandle"], "VisibilityTimeout": 0} for n, each in enumerate(run)]
assert len(sqs.change_message_visibility_batch(QueueUrl=fifo, Entries=back)["Successful"]) == 2
assert [each["Body"] for each in sqs.receive_message(QueueUrl=fifo, MaxNumberOfMessages=10)["Messages"]] == ["0", "1", "2"]

dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
letters = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
policy = json.dumps({"deadLetterTargetArn": letters, "maxReceiveCount": "1"})
sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": policy, "VisibilityTimeout": "0"})
assert sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [url]
sqs.send_message(QueueUrl=url, MessageBody="poison")
assert len(sqs.receive_message(QueueUrl=url)["Messages"]) == 1 and "Messages" not in sqs.receive_message(QueueUrl=url)
(letter,) = sqs.receive_message(QueueUrl=dead, VisibilityTimeout=0, AttributeNames=["All"])["Messages"]
assert letter["Attributes"]["DeadLetterQueueSourceArn"] == arn, letter
if hasattr(sqs, "start_message_move_task"):
    sqs.start_message_move_task(SourceArn=letters)
    (letter,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    assert letter["Body"] == "poison"
    assert sqs.list_message_move_tasks(SourceArn=letters)["Results"][0]["ApproximateNumberOfMessagesMoved"] == 1
sqs.tag_queue(QueueUrl=url, Tags={"c": "d"})
sqs.untag_queue(QueueUrl=url, TagKeys=["a"])
assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"c": "d"}
sqs.remove_permission(QueueUrl=url, Label="sender")

sns.set_topic_attributes(TopicArn=topic, AttributeName="DisplayName", AttributeValue="Boto")
assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["DisplayName"] == "Boto"
sns.tag_resource(ResourceArn=topic, Tags=[{"Key": "k", "Value": "v"}])
assert sns.list_tags_for_resource(ResourceArn=topic)["Tags"] == [{"Key": "k", "Value": "v"}]
sns.untag_resource(ResourceArn=topic, TagKeys=["k"])
sns.add_permission(TopicArn=topic, Label="l", AWSAccountId=[arn.split(":")[4]], ActionName=["Publish"])
sns.remove_permission(TopicArn=topic, Label="l")
sns.set_subscription_attributes(SubscriptionArn=subscription, AttributeName="FilterPolicy", AttributeValue='{"kind": ["x"]}')
assert sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]["FilterPolicy"] == '{"kind": ["x"]}'
assert len(sns.list_subscriptions()["Subscriptions"]) == 1
published = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[{"Id": "a", "Message": "a"}, {"Id": "b", "Message": "b", "Subject": "\n"}])
assert [len(published[name]) for name in ("Successful", "Failed")] == [1, 1], published


def refusal(work, **arguments):
    try:
        work(**arguments)
    except ClientError as error:
        return type(error).__name__, error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    return None

name, code, status = refusal(sqs.get_queue_url, QueueName="none")
assert (name, code, status) == ("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", 400), (name, code, status)
name, code, status = refusal(sns.publish, TopicArn=topic + "x", Message="m")
assert (name, code, status) == ("NotFoundException", "NotFound", 404), (name, code, status)
sns.unsubscribe(SubscriptionArn=subscription)
sns.delete_topic(TopicArn=topic)
for each in (url, fifo, dead):
    sqs.delete_queue(QueueUrl=each)
print("done", boto3.__version__)
