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
sqs.delete_queue(QueueUrl=url)
print("done", boto3.__version__)
