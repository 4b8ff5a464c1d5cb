"""Mail leaves by SMTP where a server is named: one service for each way of background work."""

from pathlib import Path

from tests.harness import mail
from tests.harness.background import background_work, telling
from tests.harness.service import Service, broker_for, database_for
from tests.harness.variants import Variant, render


def test_smtp_server_receives_the_mail(
    backend_variant: Variant, template: Path, tmp_path: Path
) -> None:
    path = render(
        {"project_name": "Harbour Desk"} | backend_variant.data(), tmp_path / "service", template
    )
    with (
        database_for(backend_variant, tmp_path / "data") as url,
        broker_for(backend_variant) as broker,
        mail.smtp_server() as (smtp, inbox),
    ):
        service = Service(path, url, broker)
        service.env |= {"SMTP_URL": smtp, "MAIL_FROM": "Harbour Desk <desk@example.com>"}
        service.run("uv", "sync", "--quiet", "--no-dev")
        service.env["UV_NO_DEV"] = "1"
        service.run("uv", "run", "app", "db", "upgrade")
        with (
            service.serving() as (address, server),
            telling(server),
            background_work(service),
        ):
            message = mail.expect(inbox, mail.register(address))
        assert message["From"].addresses[0].addr_spec == "desk@example.com"
        assert mail.files(path)() == [], "it was sent, and written to a file as well"
