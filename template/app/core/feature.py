from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """The modules of a feature that something other than the feature itself has to find.

    They are named, not imported: a migration needs no router, a script no schema.
    """

    router: str | None = None
    models: str | None = None
    tasks: str | None = None
