"""Idempotency keys: a client that got no answer may ask again, and the effect stays one.

`Idempotency-Key` names an intention of one caller. The key is kept in the transaction of its
effect: there is never one without the other. After draft-ietf-httpapi-idempotency-key-header-07.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Request, Response
from pydantic import ValidationError
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.core.clock import now
from app.core.db.session import SessionDep
from app.core.errors import Conflict, Problem, raises
from app.core.http.account import account_of
from app.core.http.models import IdempotencyKey
from app.core.schemas import Output

REPLAYED = "Idempotent-Replayed"

Answer = TypeVar("Answer", bound=Output)


class KeyReused(Problem):
    status = 422
    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was sent with another request. Choose a new one.")


class AnswerOutdated(Conflict):
    code = "idempotent_answer_outdated"

    def __init__(self) -> None:
        super().__init__("This was done, by an older release whose answer cannot be given again.")


class Once:
    """Has an effect once for each key; without a key, each time."""

    def __init__(self, session: AsyncSession, response: Response, key: IdempotencyKey | None):
        self.session = session
        self.response = response
        self.key = key

    async def __call__(self, kind: type[Answer], effect: Callable[[], Awaitable[Answer]]) -> Answer:
        """Have the effect and keep its answer, or give the answer again that was kept.

        Two at once: the second waits here for the first, and has the effect if that is rolled back.

        Raises:
            KeyReused: where the key came with another request.
            AnswerOutdated: where the answer is none of this kind any more.
        """
        if self.key is None:
            return await effect()
        if not await self.claim(self.key):
            return self.again(kind, await self.kept(self.key))
        answer = await effect()
        self.key.answer = answer.model_dump_json()
        self.session.add(self.key)
        await self.session.flush()
        return answer

    async def claim(self, key: IdempotencyKey) -> bool:
        """Store the key and tell so, or leave it where it has been stored already."""
        expired = delete(IdempotencyKey).where(
            col(IdempotencyKey.account) == key.account,
            col(IdempotencyKey.key) == key.key,
            col(IdempotencyKey.expires_at) <= now(),
        )
        await self.session.exec(expired)
        try:
            async with self.session.begin_nested():
                self.session.add(key)
        except IntegrityError:
            return False
        return True

    async def kept(self, key: IdempotencyKey) -> IdempotencyKey:
        kept = await self.session.get_one(IdempotencyKey, (key.account, key.key))
        if kept.request != key.request:
            raise KeyReused
        return kept

    def again(self, kind: type[Answer], kept: IdempotencyKey) -> Answer:
        self.response.headers[REPLAYED] = "true"
        try:
            return kind.model_validate_json(kept.answer)
        except ValidationError:
            raise AnswerOutdated from None


@raises(KeyReused, AnswerOutdated)
async def once(
    request: Request,
    response: Response,
    session: SessionDep,
    idempotency_key: Annotated[
        str | None, Header(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")
    ] = None,
) -> Once:
    if idempotency_key is None:
        return Once(session, response, None)
    kept_for = timedelta(hours=request.app.state.settings.idempotency_hours)
    key = IdempotencyKey(
        account=account_of(request),
        key=idempotency_key,
        request=await fingerprint(request),
        expires_at=now() + kept_for,
    )
    return Once(session, response, key)


async def fingerprint(request: Request) -> str:
    """Sum up what is asked: method, address and body."""
    asked = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    return hashlib.sha256(asked + await request.body()).hexdigest()


OnceDep = Annotated[Once, Depends(once)]
