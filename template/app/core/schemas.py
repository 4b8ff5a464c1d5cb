"""What comes in is checked to the last field; what goes out is read from the model."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

# Not every database stores NUL, and a control character in a title is an accident or an attack.
Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$")]
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]


class Input(BaseModel):
    """A request body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Output(BaseModel):
    """A response body, built from a table model, never one itself."""

    model_config = ConfigDict(from_attributes=True)
