"""What can go wrong between the lake and its users; every message is one line that a person can act on."""


class WarehouseError(Exception):
    """Base of everything that this package raises on purpose."""


class StorageFailed(WarehouseError):
    """The home folder could not be written: full disk, missing rights, a broken medium."""


class DamagedContent(WarehouseError):
    """A stored content is missing, or its bytes do not have the hash that they are stored under."""


class SchemaMismatch(WarehouseError):
    """A frame does not have the declared columns and types."""


class TornFacts(WarehouseError):
    """The facts of a year were left half written; they must be computed again."""


class StaleFacts(WarehouseError):
    """The facts of a year hold a file that is no longer loaded; they must be computed again."""


class StaleChecks(WarehouseError):
    """The check results of a year were not computed from its current facts."""


class PublicationFailed(WarehouseError):
    """The DuckDB file could not be built or published; the published one is as it was."""


class NothingPublished(WarehouseError):
    """There is no published warehouse in the home folder yet."""


class RefusedQuery(WarehouseError):
    """A statement that is no query on the published warehouse, or that DuckDB refuses."""


class UnknownFile(WarehouseError):
    """A file_id that was never loaded."""


class UnknownAddress(WarehouseError):
    """An address that is no place where a warehouse could be."""
