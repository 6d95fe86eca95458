"""Drives the emulator through boto3 and prints what it saw as JSON."""

import json
import sys
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError

url = sys.argv[1]
options = {
    "endpoint_url": url,
    "region_name": "us-east-1",
    "aws_access_key_id": "test",
    "aws_secret_access_key": "test",
    "config": Config(retries={"total_max_attempts": 1}),
}
identity = boto3.client("chime-sdk-identity", **options)
messaging = boto3.client("chime-sdk-messaging", **options)
seen = {}


def pages(call, key, **request):
    """botocore has no paginators for this service."""
    sizes, items = [], []
    while True:
        page = call(MaxResults=2, **request)
        sizes.append(len(page[key]))
        items += page[key]
        if "NextToken" not in page:
            return {"sizes": sizes, "items": items}
        request["NextToken"] = page["NextToken"]


def raised(client, call, **request):
    """The exception class of the client that caught the error, with its status and code."""
    try:
        call(**request)
    except ClientError as error:
        name = type(error).__name__
        return {
            "own_class": isinstance(error, getattr(client.exceptions, name, ())),
            "name": name,
            "status": error.response["ResponseMetadata"]["HTTPStatusCode"],
            "code": error.response.get("Code"),
            "message": error.response.get("Message"),
        }
    return None


def fault(operation, **fields):
    body = json.dumps({"operation": operation, "fault": fields}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{url}/_emulator/faults", body)).close()


instance = identity.create_app_instance(Name="boto3", ClientRequestToken="instance")["AppInstanceArn"]


def user(name):
    request = {"AppInstanceArn": instance, "AppInstanceUserId": name, "Name": name.title()}
    return identity.create_app_instance_user(ClientRequestToken=f"user-{name}", **request)["AppInstanceUserArn"]


admin, mona, bob, carol, dave = [user(name) for name in ("admin", "mona", "bob", "carol", "dave")]
identity.create_app_instance_admin(AppInstanceArn=instance, AppInstanceAdminArn=admin)
lex = f"arn:aws:lex:us-east-1:111122223333:bot-alias/{'A' * 10}/{'B' * 10}"
bot = identity.create_app_instance_bot(
    AppInstanceArn=instance,
    Name="robot",
    ClientRequestToken="robot",
    Configuration={"Lex": {"LexBotAliasArn": lex, "LocaleId": "en_US"}},
)["AppInstanceBotArn"]
users = pages(identity.list_app_instance_users, "AppInstanceUsers", AppInstanceArn=instance)
seen["users"] = [[user["Name"] for user in users["items"]], users["sizes"]]

channel = messaging.create_channel(
    AppInstanceArn=instance,
    Name="Board",
    ChannelId="board",
    Privacy="PRIVATE",
    Mode="RESTRICTED",
    ClientRequestToken="board",
    ChimeBearer=admin,
)["ChannelArn"]
about = {"ChannelArn": channel, "ChimeBearer": admin}
messaging.create_channel_moderator(ChannelModeratorArn=mona, **about)
added = messaging.create_channel_membership(MemberArn=bob, Type="DEFAULT", ChannelArn=channel, ChimeBearer=mona)
seen["added"] = [added["ResponseMetadata"]["HTTPStatusCode"], added["Member"]["Name"]]
batch = messaging.batch_create_channel_membership(MemberArns=[bob, carol, bot], **about)
seen["batch"] = [
    [member["Name"] for member in batch["BatchChannelMemberships"]["Members"]],
    [[error["MemberArn"] == bob, error["ErrorCode"]] for error in batch["Errors"]],
]
members = pages(messaging.list_channel_memberships, "ChannelMemberships", **about)
seen["members"] = [[member["Member"]["Name"] for member in members["items"]], members["sizes"]]
described = messaging.describe_channel_membership(MemberArn=bob, **about)["ChannelMembership"]
seen["described"] = [described["Type"], described["InvitedBy"]["Name"], type(described["CreatedTimestamp"]).__name__]
messaging.create_channel_ban(MemberArn=bob, **about)
bans = pages(messaging.list_channel_bans, "ChannelBans", **about)
seen["bans"] = [ban["Member"]["Name"] for ban in bans["items"]]
seen["banned"] = raised(messaging, messaging.create_channel_membership, MemberArn=bob, Type="DEFAULT", **about)
seen["deleted"] = messaging.delete_channel_ban(MemberArn=bob, **about)["ResponseMetadata"]["HTTPStatusCode"]

add = {"MemberArn": dave, "Type": "DEFAULT", **about}
seen["natural"] = [
    raised(messaging, messaging.create_channel_membership, **{**add, "Type": "FOO"}),
    raised(messaging, messaging.create_channel_membership, **{**add, "ChimeBearer": dave}),
    raised(messaging, messaging.create_channel_membership, **{**add, "ChannelArn": channel + "x"}),
    raised(messaging, messaging.create_channel_membership, **{**add, "MemberArn": carol}),
]

service = messaging.meta.service_model
seen["modelled"] = {}
for shape in service.operation_model("CreateChannelMembership").error_shapes:
    fault("CreateChannelMembership", kind="exception", name=shape.name)
    seen["modelled"][shape.name] = raised(messaging, messaging.create_channel_membership, **add)

fault("CreateChannelMembership", kind="dropAfter")
try:
    messaging.create_channel_membership(**add)
except HTTPClientError as error:
    seen["dropped"] = type(error).__name__
seen["applied"] = raised(messaging, messaging.create_channel_membership, **add)
seen["left_channel"] = messaging.delete_channel(**about)["ResponseMetadata"]["HTTPStatusCode"]

json.dump(seen, sys.stdout)
