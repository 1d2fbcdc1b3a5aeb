"""What is to be said of the records of internal topics and of their fields: facts in tables, for `internal`."""

from __future__ import annotations

from collections.abc import Mapping

_GROUP_848, _SHARE, _STREAMS = "4.0 (KIP-848)", "4.0 (KIP-932)", "4.1 (KIP-1071)"

ABOUT: Mapping[str, tuple[str, str]] = {
    "LegacyOffsetCommit": ("How far a group has read a partition, as brokers before 0.9 noted it.", "0.8.1"),
    "OffsetCommit": ("How far a group has read a partition: it goes on from this offset.", "0.9"),
    "GroupMetadata": ("A group of the classic protocol: its members, and who reads what.", "0.9"),
    "ConsumerGroupMetadata": ("The epoch of a group: it rises when members or topics change.", _GROUP_848),
    "ConsumerGroupPartitionMetadata": ("The topics that a group reads, and their partitions.", _GROUP_848),
    "ConsumerGroupMemberMetadata": ("A member of a group, and what it subscribes to.", _GROUP_848),
    "ConsumerGroupTargetAssignmentMetadata": ("The epoch that the assignment in view was made for.", _GROUP_848),
    "ConsumerGroupTargetAssignmentMember": ("The partitions that a member is to have.", _GROUP_848),
    "ConsumerGroupCurrentMemberAssignment": ("The partitions that a member has, and is giving up.", _GROUP_848),
    "ConsumerGroupRegularExpression": ("The topics that match a regular expression in a group.", _GROUP_848),
    "ShareGroupMemberMetadata": ("A member of a share group, and what it subscribes to.", _SHARE),
    "ShareGroupMetadata": ("The epoch of a share group.", _SHARE),
    "ShareGroupTargetAssignmentMetadata": ("The epoch that the assignment in view was made for.", _SHARE),
    "ShareGroupTargetAssignmentMember": ("The partitions that a member is to have.", _SHARE),
    "ShareGroupCurrentMemberAssignment": ("The partitions that a member has.", _SHARE),
    "ShareGroupStatePartitionMetadata": ("The partitions for which a share group keeps a state.", _SHARE),
    "StreamsGroupMetadata": ("The epoch of a streams group.", _STREAMS),
    "StreamsGroupMemberMetadata": ("A member of a streams group: a process that runs tasks.", _STREAMS),
    "StreamsGroupTargetAssignmentMetadata": ("The epoch that the assignment in view was made for.", _STREAMS),
    "StreamsGroupTargetAssignmentMember": ("The tasks that a member is to have.", _STREAMS),
    "StreamsGroupCurrentMemberAssignment": ("The tasks that a member has, and is giving up.", _STREAMS),
    "StreamsGroupTopology": ("What a streams application reads and writes.", _STREAMS),
    "TransactionLog": ("Where a transaction stands: its producer, its state, its partitions.", "0.11 (KIP-98)"),
    "ShareSnapshot": ("What a share group has done with the records of a partition, whole.", _SHARE),
    "ShareUpdate": ("What changed in it since the last snapshot.", _SHARE),
    "RegisterBrokerRecord": ("A broker has joined, with its addresses and what it supports.", "2.8 (KIP-631)"),
    "UnregisterBrokerRecord": ("A broker was taken out for good.", "2.8 (KIP-631)"),
    "TopicRecord": ("A topic was made. Its partitions follow, and name it by its id.", "2.8 (KIP-631)"),
    "PartitionRecord": ("A partition was made: who has it, and who leads it.", "2.8 (KIP-631)"),
    "ConfigRecord": ("A setting was changed; null takes it back to its default.", "2.8 (KIP-631)"),
    "PartitionChangeRecord": ("What changed of a partition; what is not there stays as it was.", "2.8 (KIP-631)"),
    "FenceBrokerRecord": ("A broker no longer leads anything.", "2.8 (KIP-631)"),
    "UnfenceBrokerRecord": ("A broker may lead again.", "2.8 (KIP-631)"),
    "RemoveTopicRecord": ("A topic was deleted.", "2.8 (KIP-631)"),
    "DelegationTokenRecord": ("A delegation token; its secret is not in it.", ""),
    "UserScramCredentialRecord": ("What a user's password is checked against.", ""),
    "FeatureLevelRecord": ("The level at which a feature of the cluster is in force.", "2.8 (KIP-631)"),
    "ClientQuotaRecord": ("What clients are limited to.", "3.0"),
    "ProducerIdsRecord": ("Producer ids up to here were given to a broker, which hands them on.", "3.0"),
    "BrokerRegistrationChangeRecord": ("A broker was fenced or unfenced, or is being shut down.", "3.0"),
    "AccessControlEntryRecord": ("Who may do what.", "3.2 (KIP-801)"),
    "RemoveAccessControlEntryRecord": ("A right or a ban was taken back.", "3.2 (KIP-801)"),
    "NoOpRecord": ("Nothing: it lets followers see that the leader lives, and the log go on.", "3.3 (KIP-835)"),
    "ZkMigrationStateRecord": ("How far a cluster has come from ZooKeeper.", "3.4 (KIP-866)"),
    "RemoveUserScramCredentialRecord": ("A user's credential was removed.", "3.5"),
    "BeginTransactionRecord": ("What follows is in force together, from the record that ends it.", "3.6 (KIP-868)"),
    "EndTransactionRecord": ("What came since the beginning is in force.", "3.6 (KIP-868)"),
    "AbortTransactionRecord": ("What came since the beginning is dropped.", "3.6 (KIP-868)"),
    "RemoveDelegationTokenRecord": ("A delegation token was removed.", "3.6"),
    "RegisterControllerRecord": ("A controller has joined, with its addresses.", "3.7 (KIP-919)"),
    "ClearElrRecord": ("The replicas that may lead none the less are forgotten.", "4.0 (KIP-966)"),
    "RemoteLogSegmentMetadataRecord": ("A segment is being copied to remote storage.", "3.0 (KIP-405)"),
    "RemoteLogSegmentMetadataUpdateRecord": ("How far copying or deleting it has come.", "3.0 (KIP-405)"),
    "RemotePartitionDeleteMetadataRecord": ("How far deleting a partition there has come.", "3.0 (KIP-405)"),
}  # fmt: skip
"""Of each type of record: what it is, and the release that brought it."""

SENTENCES: Mapping[str, str] = {
    "key#type": "Which record it is. Old brokers took it for the version of the key.",
    "value#version": "Version of the value: it selects the layout of what follows.",
    "value#frame_version": "Version of what stands in front of the message; 1.",
    "value#api_key": "Which message it is.",
    "OffsetCommit.offset": "The next record that the group wants: all before it are done with.",
    "OffsetCommit.leaderEpoch": "Epoch of the leader that gave the last record that was read.",
    "OffsetCommit.metadata": "Whatever the client wanted to note.",
    "OffsetCommit.expireTimestamp": "When the offset may be forgotten.",
    "GroupMetadata.protocolType": "`consumer` for consumers; Connect and others have their own. Empty: no member yet.",
    "GroupMetadata.generation": "Counts the times that the group was divided anew.",
    "GroupMetadata.protocol": "The assignor that all members know.",
    "GroupMetadata.leader": "The member that divides the partitions, on its own side.",
    "groupInstanceId": "Name of a static member, which keeps its partitions over a restart.",
    "clientHost": "Where the client came from.",
    "subscription": "What the member wants, in the form of the protocol.",
    "assignment": "What the member got, in the form of the protocol.",
    "transactionalId": "The producer's own name, the same over restarts.",
    "producerId": "Who writes in it: the same number as in the batches.",
    "producerEpoch": "Counts the producer's restarts: older ones are refused.",
    "transactionTimeoutMs": "The transaction is aborted when it has been open for so many milliseconds.",
    "transactionStatus": "Where it stands.",
    "transactionStartTimestampMs": "When its first partition was added.",
    "topicId": "The topic, by its id in base64url.",
    "replicas": "Nodes that have the partition, the preferred leader first.",
    "isr": "Nodes that are in sync: one of them may lead.",
    "leader": "Node id of the leader; -1: there is none.",
    "directories": "The log directory of each replica.",
    "partitionEpoch": "Counts the changes of the partition's state.",
    "resourceType": "What the setting is about.",
    "startOffset": "The first record that is not done with.",
}
"""By the path in front of a message, by type and field, or by the field's own name."""

_RECOVERY = {0: "recovered", 1: "recovering"}
_MEMBER = {0: "STABLE", 1: "UNREVOKED_PARTITIONS", 2: "UNRELEASED_PARTITIONS", 127: "UNKNOWN"}
_DELIVERY = {0: "AVAILABLE", 1: "ACQUIRED", 2: "ACKNOWLEDGED", 3: "ARCHIVING", 4: "ARCHIVED"}
_SECURITY = {0: "PLAINTEXT", 1: "SSL", 2: "SASL_PLAINTEXT", 3: "SASL_SSL"}
_REMOTE = {
    0: "COPY_SEGMENT_STARTED", 1: "COPY_SEGMENT_FINISHED", 2: "DELETE_SEGMENT_STARTED", 3: "DELETE_SEGMENT_FINISHED",
}  # fmt: skip
TRANSACTION_STATES: Mapping[int, str] = {
    0: "Empty", 1: "Ongoing", 2: "PrepareCommit", 3: "PrepareAbort", 4: "CompleteCommit", 5: "CompleteAbort", 6: "Dead",
    7: "PrepareEpochFence",
}  # fmt: skip
RESOURCES: Mapping[int, str] = {2: "topic", 4: "broker", 8: "broker logger", 16: "client metrics", 32: "group"}

NAMED: Mapping[str, Mapping[int, str]] = {
    "TransactionLog.transactionStatus": TRANSACTION_STATES,
    "ConfigRecord.resourceType": RESOURCES,
    "ConsumerGroupCurrentMemberAssignment.state": _MEMBER,
    "ShareGroupCurrentMemberAssignment.state": _MEMBER,
    "StreamsGroupCurrentMemberAssignment.state": {
        1: "STABLE", 2: "UNREVOKED_TASKS", 3: "UNRELEASED_TASKS", 127: "UNKNOWN",
    },
    "ShareSnapshot.deliveryState": _DELIVERY,
    "ShareUpdate.deliveryState": _DELIVERY,
    "PartitionRecord.leaderRecoveryState": _RECOVERY,
    "PartitionChangeRecord.leaderRecoveryState": _RECOVERY,
    "RegisterBrokerRecord.securityProtocol": _SECURITY,
    "RegisterControllerRecord.securityProtocol": _SECURITY,
    "UserScramCredentialRecord.mechanism": {1: "SCRAM-SHA-256", 2: "SCRAM-SHA-512"},
    "BrokerRegistrationChangeRecord.fenced": {-1: "unfenced", 0: "unchanged", 1: "fenced"},
    "RemoteLogSegmentMetadataRecord.remoteLogSegmentState": _REMOTE,
    "RemoteLogSegmentMetadataUpdateRecord.remoteLogSegmentState": _REMOTE,
}  # fmt: skip
"""Numbers that have names, by type and field."""

NONE: Mapping[str, str] = {"leaderEpoch": "unknown", "leader": "none", "startOffset": "not set"}
"""What -1 means."""
