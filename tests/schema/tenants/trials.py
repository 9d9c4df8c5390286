"""A trial for each argument that can name something: what a client writes to reach it.

``$x`` is the other tenant's, and ``$named`` the id inside it. ``$own``, ``$record`` and ``$training`` are the
client's own connection, golden record and finetuning.
"""

from dataclasses import dataclass

TYPES = {"own": "ID!", "record": "ID!", "training": "ID!", "named": "ID!"}


@dataclass(frozen=True, slots=True)
class Trial:
    """A document with ``$x`` in one place, and the kinds of names to give it.

    The place is a type, a field, an argument, and in an input its fields.
    """

    place: str
    document: str
    names: tuple[str, ...]

    @property
    def is_stream(self) -> bool:
        """Whether it is a subscription."""
        return self.document.startswith("subscription")


def trial(place: str, call: str, *names: str, of: str = "ID!") -> Trial:
    """Return the trial of a document with one call."""
    root = place.partition(".")[0].lower()
    keyword = root if root in {"mutation", "subscription"} else "query"
    others = "".join(f", ${name}: {kind}" for name, kind in TYPES.items() if f"${name}" in call)
    return Trial(place, f"{keyword}($x: {of}{others}) {{ {call} }}", names)


def text(place: str, call: str, *names: str) -> Trial:
    """Return the trial of a text."""
    return trial(place, call, *names, of="String!")


FINETUNINGS = ("training", "queued", "deleted finetuning")
CONNECTIONS = ("connection", "deleted connection")
RECORDS = ("record", "deleted record")
HISTORIES = ("place in a history", "place in a deleted history")
NAMED = ("connection", "training", "alias", "alias of a training")
PLACE = "hasNextPage hasPreviousPage startCursor endCursor"
PAGE = f"{{ totalCount edges {{ cursor node {{ id }} }} pageInfo {{ {PLACE} }} }}"
NODES = "... on Finetuning { alias } ... on DbConnection { alias } ... on GoldenRecord { sql }"
ADD = "addGoldenRecords(input: {dbConnectionId: $own, goldenRecords: [{%s}]}) { warnings { code } }"
UPDATE = "updateGoldenRecord(goldenRecordId: $record, input: {%s}) { warnings { code } }"

QUERIES = (
    trial("Query.dbConnection(id)", "dbConnection(id: $x) { id alias }", *CONNECTIONS),
    trial("Query.goldenRecord(id)", "goldenRecord(id: $x) { id sql }", *RECORDS),
    trial("Query.finetuning(id)", "finetuning(id: $x) { id alias dbConnection { id } }", *FINETUNINGS),
    trial(
        "Query.node(id)",
        f"node(id: $x) {{ id nodeId {NODES} }}",
        *FINETUNINGS,
        *CONNECTIONS,
        *RECORDS,
        "key",
        "account",
        "entry",
        *(f"node of the {name}" for name in ("training", "connection", "record", "key", "account", "entry")),
    ),
    text("Query.apiKeys(after)", f"apiKeys(after: $x) {PAGE}", "place of a key"),
    trial("Query.providerAccount(id)", "providerAccount(id: $x) { id name }", "account"),
    text("Query.providerAccounts(after)", f"providerAccounts(after: $x) {PAGE}", "place of an account"),
    text("Query.auditLog(after)", f"auditLog(after: $x) {PAGE}", "place of an entry"),
    text("Query.auditLog(filter.action)", f"auditLog(filter: {{action: $x}}) {PAGE}", "action"),
    text("Query.auditLog(filter.subject)", f"auditLog(filter: {{subject: $x}}) {PAGE}", "subject"),
    trial("Query.auditLog(filter.targetId)", f"auditLog(filter: {{targetId: $x}}) {PAGE}", "training"),
    text("Query.dbConnections(after)", f"dbConnections(after: $x) {PAGE}", "place of a connection"),
    text("Query.dbConnections(filter.alias)", f"dbConnections(filter: {{alias: $x}}) {PAGE}", "alias"),
    text("Query.dbConnections(filter.dialect)", f"dbConnections(filter: {{dialect: $x}}) {PAGE}", "dialect"),
    text("Query.dbConnections(filter.named)", f"dbConnections(filter: {{named: $x}}) {PAGE}", *NAMED),
    text("Query.finetunings(filter.named)", f"finetunings(filter: {{named: $x}}) {PAGE}", *NAMED),
    text("Query.goldenRecords(after)", f"goldenRecords(after: $x) {PAGE}", "place of a record"),
    trial("Query.goldenRecords(dbConnectionId)", f"goldenRecords(dbConnectionId: $x) {PAGE}", *CONNECTIONS),
    text("Query.goldenRecords(filter.text)", f"goldenRecords(filter: {{text: $x}}) {PAGE}", "question 3"),
    text("Query.finetunings(after)", f"finetunings(after: $x) {PAGE}", "place of a finetuning"),
    trial(
        "Query.finetunings(filter.dbConnectionId)",
        f"finetunings(filter: {{dbConnectionId: $x}}) {PAGE}",
        *CONNECTIONS,
    ),
    text(
        "Finetuning.events(after)",
        "finetuning(id: $training) { events(after: $x) { nodes { kind } } }",
        *HISTORIES,
    ),
    text(
        "Finetuning.events(before)",
        "finetuning(id: $training) { events(before: $x) { nodes { kind } } }",
        *HISTORIES,
    ),
    *(
        text(f"Query.{noun}(before)", f"{noun}(before: $x) {PAGE}", name)
        for noun, name in {
            "apiKeys": "end of a key",
            "auditLog": "end of an entry",
            "dbConnections": "end of a connection",
            "finetunings": "end of a finetuning",
            "goldenRecords": "end of a record",
            "providerAccounts": "end of an account",
        }.items()
    ),
    text(
        "Query.finetunings(filter.alias)", f"finetunings(filter: {{alias: $x}}) {PAGE}", "alias of a training"
    ),
    text("Query.finetunings(filter.modelName)", f"finetunings(filter: {{modelName: $x}}) {PAGE}", "model"),
)

DRY_RUNS = tuple(
    text(
        f"Mutation.cancelFinetunings(filter.{condition})",
        f"cancelFinetunings(filter: {{{condition}: $x}}, dryRun: true) {{ count }}",
        *names,
    )
    for condition, names in {
        "alias": ("alias of a training",),
        "modelName": ("model",),
    }.items()
)
"""They come before the changes, which leave nothing to cancel."""

CATALOGUE = (
    trial(
        "Mutation.addGoldenRecords(input.dbConnectionId)",
        'addGoldenRecords(input: {dbConnectionId: $x, goldenRecords: [{promptText: "a", sql: "b"}]}) { id }',
        *CONNECTIONS,
    ),
    text(
        "Mutation.addGoldenRecords(input.goldenRecords.promptText)",
        ADD % "promptText: $x, sql: \"SELECT 'acme asks', 3\"",
        "question 3",
    ),
    text(
        "Mutation.addGoldenRecords(input.goldenRecords.sql)",
        ADD % 'promptText: "acme asks 4", sql: $x',
        "sql 4",
    ),
    trial(
        "Mutation.updateGoldenRecord(goldenRecordId)",
        'updateGoldenRecord(goldenRecordId: $x, input: {sql: "b"}) { id }',
        *RECORDS,
    ),
    text(
        "Mutation.updateGoldenRecord(input.promptText)",
        UPDATE % "promptText: $x, sql: \"SELECT 'acme asks', 5\"",
        "question 5",
    ),
    text("Mutation.updateGoldenRecord(input.sql)", UPDATE % 'promptText: "acme asks 6", sql: $x', "sql 6"),
    trial(
        "Mutation.deleteGoldenRecord(goldenRecordId)",
        "deleteGoldenRecord(goldenRecordId: $x) { deletedAt }",
        *RECORDS,
    ),
    trial(
        "Mutation.updateDbConnection(dbConnectionId)",
        'updateDbConnection(dbConnectionId: $x, input: {alias: "b"}) { id }',
        *CONNECTIONS,
    ),
    trial(
        "Mutation.deleteDbConnection(dbConnectionId)",
        "deleteDbConnection(dbConnectionId: $x) { deletedAt }",
        *CONNECTIONS,
    ),
    *(
        trial(
            f"Mutation.{change}(providerAccountId)",
            f"{change}(providerAccountId: $x{more}) {{ {shown} }}",
            "account",
        )
        for change, more, shown in (
            ("updateProviderAccount", ', input: {name: "b"}', "id name"),
            ("rotateProviderAccountKey", ', input: {apiKey: "b"}', "id keyEnding"),
            ("disableProviderAccount", "", "id isDisabled"),
            ("enableProviderAccount", "", "id isDisabled"),
            ("testProviderAccount", "", "finding"),
            ("deleteProviderAccount", "", "deletedAt"),
        )
    ),
    trial("Mutation.revokeApiKey(apiKeyId)", "revokeApiKey(apiKeyId: $x) { id revokedAt }", "key"),
)

CHANGES = (
    trial(
        "Mutation.createFinetuning(input.dbConnectionId)",
        "createFinetuning(input: {dbConnectionId: $x}) { id }",
        *CONNECTIONS,
    ),
    trial(
        "Mutation.createFinetuning(input.providerAccountId)",
        "createFinetuning(input: {dbConnectionId: $own, providerAccountId: $x}) { id }",
        "account",
    ),
    trial(
        "Mutation.createFinetuning(input.goldenRecords)",
        "createFinetuning(input: {dbConnectionId: $own, goldenRecords: [$x]}) { id }",
        *RECORDS,
    ),
    text(
        "Mutation.createFinetuning(input.idempotencyKey)",
        "createFinetuning(input: {dbConnectionId: $own, idempotencyKey: $x}) { status alias version }",
        "idempotency key",
    ),
    trial(
        "Mutation.updateFinetuning(finetuningId)",
        'updateFinetuning(finetuningId: $x, input: {alias: "b"}) { id }',
        *FINETUNINGS,
    ),
    trial(
        "Mutation.updateFinetuning(finetuningId)",
        "updateFinetuning(finetuningId: $x, input: {}) { id }",
        *FINETUNINGS,
    ),
    trial(
        "Mutation.cancelFinetuning(finetuningId)", "cancelFinetuning(finetuningId: $x) { id }", *FINETUNINGS
    ),
    trial(
        "Mutation.cancelFinetunings(finetuningIds)",
        "cancelFinetunings(finetuningIds: [$x]) { count results { finetuningId outcome finetuning { id } } }",
        *FINETUNINGS,
    ),
    trial(
        "Mutation.cancelFinetunings(filter.dbConnectionId)",
        "cancelFinetunings(filter: {dbConnectionId: $x}) { count results { finetuningId } }",
        *CONNECTIONS,
    ),
    trial(
        "Mutation.giveUpFinetuning(finetuningId)",
        'giveUpFinetuning(finetuningId: $x, reason: "b") { id }',
        *FINETUNINGS,
    ),
    trial(
        "Mutation.deleteFinetuning(finetuningId)",
        "deleteFinetuning(finetuningId: $x) { phase }",
        *FINETUNINGS,
    ),
)

STREAMS = (
    trial(
        "Subscription.finetuningUpdated(finetuningId)",
        "finetuningUpdated(finetuningId: $x) { id }",
        *FINETUNINGS,
    ),
    trial(
        "Subscription.finetuningEvents(finetuningId)",
        "finetuningEvents(finetuningId: $x) { cursor }",
        *FINETUNINGS,
    ),
    text(
        "Subscription.finetuningEvents(after)",
        "finetuningEvents(finetuningId: $named, after: $x) { cursor }",
        *HISTORIES,
    ),
    text(
        "Subscription.finetuningEvents(after)",
        "finetuningEvents(finetuningId: $training, after: $x) { cursor }",
        *HISTORIES,
    ),
)

TRIALS = (*QUERIES, *DRY_RUNS, *CHANGES, *CATALOGUE, *STREAMS)

ELSEWHERE = {"Subscription.finetuningUpdated(dbConnectionId)": "tests/schema/tenants/test_streams.py"}
"""Arguments with a trial of their own: this stream waits, so it has no answer to compare."""

NAMELESS = {
    "Mutation.addGoldenRecords(input.goldenRecords.metadata)": "kept with the record",
    "Mutation.cancelFinetuning(metadata)": "kept with the finetuning",
    "Mutation.cancelFinetunings(filter.named)": "refused",
    "Mutation.cancelFinetunings(metadata)": "kept with the finetunings",
    "Mutation.createApiKey(input.name)": "kept with the key",
    "Mutation.createApiKey(input.scopes)": "words of the server",
    "Mutation.createDbConnection(input.alias)": "kept with the connection",
    "Mutation.createDbConnection(input.dialect)": "kept with the connection",
    "Mutation.createDbConnection(input.metadata)": "kept with the connection",
    "Mutation.createDbConnection(input.tableSchemas)": "kept with the connection",
    "Mutation.createFinetuning(input.alias)": "kept with the finetuning",
    "Mutation.createFinetuning(input.baseLlm.modelName)": "a name at the provider",
    "Mutation.createFinetuning(input.baseLlm.modelProvider)": "a name of the server",
    "Mutation.createFinetuning(input.metadata)": "kept with the finetuning",
    "Mutation.createFinetuning(input.suffix)": "a part of a name at the provider",
    **{
        f"Mutation.createProviderAccount(input.{field})": "kept with the account"
        for field in (
            "allowedModels",
            "apiKey",
            "baseUrl",
            "defaultModel",
            "headers",
            "metadata",
            "name",
            "organization",
            "project",
        )
    },
    "Mutation.createProviderAccount(input.provider)": "a name of the server",
    "Mutation.giveUpFinetuning(reason)": "kept with the finetuning",
    "Mutation.rotateProviderAccountKey(input.apiKey)": "kept with the account",
    "Mutation.rotateProviderAccountKey(input.headers)": "kept with the account",
    **{
        f"Mutation.updateProviderAccount(input.{field})": "kept with the account"
        for field in ("allowedModels", "defaultModel", "metadata", "name")
    },
    "Mutation.updateDbConnection(input.alias)": "kept with the connection",
    "Mutation.updateDbConnection(input.dialect)": "kept with the connection",
    "Mutation.updateDbConnection(input.metadata)": "kept with the connection",
    "Mutation.updateDbConnection(input.tableSchemas)": "kept with the connection",
    "Mutation.updateFinetuning(input.alias)": "kept with the finetuning",
    "Mutation.updateFinetuning(input.metadata)": "kept with the finetuning",
    "Mutation.updateGoldenRecord(input.metadata)": "kept with the record",
}
"""Arguments with texts that name nothing of anybody, and what becomes of them."""

PLAIN = {
    "AuditOutcome",
    "Boolean",
    "CancelOutcome",
    "DateTime",
    "FinetuningOrderField",
    "FinetuningStatus",
    "Float",
    "Int",
    "NumberOrAuto",
    "OrderDirection",
}
"""Types without room for a name."""
