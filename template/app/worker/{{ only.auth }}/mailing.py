from app.core.mail import Mail, Undeliverable, deliver
from app.worker.task import GiveUp, TaskContext


async def send(mail: Mail, context: TaskContext) -> None:
    """Send a mail from a task: one that the server refuses for good is not tried again.

    Raises:
        GiveUp: where another attempt would not help.
        OSError, aiosmtplib.SMTPException: where it may.
    """
    try:
        await deliver(mail, context.settings)
    except Undeliverable as error:
        raise GiveUp(str(error)) from error
