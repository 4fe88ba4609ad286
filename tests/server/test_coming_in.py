"""Coming in over a real connection: TLS by a company's own authority, first passwords, sessions that end while they run."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import niquests
import pytest

from presales_desktop.cli.main import main as presales
from presales_desktop.models.errors import EnvironmentProblem, PresalesError, UserError
from presales_desktop.services import joining
from presales_desktop.texts.lookup import error_text
from sync.client.transport import Offline, Unauthorised
from tests.server import site as sites
from tests.server.site import PASSPHRASE, PASSWORD, PEOPLE, Site

SELLER = [p for p in PEOPLE if p[0] in ("fengrui", "zhaolei", "wangmin")]


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    sites.cheap(monkeypatch)


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Site]:
    """A company without TLS, on this machine."""
    with sites.site(tmp_path, SELLER, must_change=("wangmin",)) as made:
        yield made


# --- TLS ----------------------------------------------------------------------------------------------------------------------------
def test_a_certificate_of_the_companys_own_is_trusted_when_its_authority_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, another = sites.authority(tmp_path), sites.authority(tmp_path, "Another CA")
    with sites.site(tmp_path, SELLER, certificate=sites.certificate(tmp_path, ours)) as site:
        assert site.url.startswith("https://")
        # The system's store does not know it, another authority does not vouch for it: nothing is sent, nothing is made.
        for given in ("", joining.authority_of(another[2])):
            with pytest.raises(EnvironmentProblem) as refused:
                joining.join(tmp_path / "no", site.url, "wangmin", PASSWORD, PASSPHRASE, authority=given)
            assert refused.value.code == "network.tls"
            assert "证书" in error_text(refused.value)
            assert not (tmp_path / "no").exists()
        site.authority = joining.authority_of(ours[2])
        laptop = site.laptop("wangmin")
        assert laptop.link.status.state == "up_to_date"
        # It is kept with the workspace: the next start needs no file, and no bundle of the environment goes before it.
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(another[2]))
        ours[2].unlink()
        again = sites.Link(laptop.workspace)
        again.exchange()
        assert again.status.state == "up_to_date"
        again.close()
        with pytest.raises(niquests.exceptions.RequestException):
            niquests.get(site.url.replace("https", "http") + "/healthz", timeout=5)


def test_the_systems_store_counts_where_no_authority_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = sites.authority(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ours[2]))
    with sites.site(tmp_path, SELLER, certificate=sites.certificate(tmp_path, ours)) as site:
        assert site.laptop("wangmin").link.status.state == "up_to_date"


def test_a_certificate_for_another_address_is_refused(tmp_path: Path) -> None:
    ours = sites.authority(tmp_path)
    with sites.site(tmp_path, SELLER, certificate=sites.certificate(tmp_path, ours, "192.0.2.1")) as site:
        site.authority = joining.authority_of(ours[2])
        with pytest.raises(EnvironmentProblem, match=r"network\.tls"):
            site.laptop("wangmin")


def test_a_connected_laptop_says_that_the_certificate_is_not_the_one(tmp_path: Path) -> None:
    ours, another = sites.authority(tmp_path), sites.authority(tmp_path, "Another CA")
    with sites.site(tmp_path, SELLER, certificate=sites.certificate(tmp_path, ours)) as site:
        site.authority = joining.authority_of(ours[2])
        laptop = site.laptop("wangmin")
        with laptop.link.replica.transaction() as book:
            book.put(authority=joining.authority_of(another[2]))
        stranger = sites.Link(laptop.workspace)
        with pytest.raises(EnvironmentProblem) as refused:
            stranger.exchange()
        assert refused.value.code == "network.tls"
        stranger.close()


def test_what_is_no_certificate_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "x.pem").write_text("hello")
    for file, code in ((tmp_path / "x.pem", "network.authority"), (tmp_path / "none.pem", "file.missing")):
        with pytest.raises(PresalesError) as refused:
            joining.authority_of(file)
        assert refused.value.code == code


# --- first passwords ------------------------------------------------------------------------------------------------------------------
def test_a_first_password_opens_nothing_but_setting_ones_own(plain: Site, tmp_path: Path) -> None:
    with pytest.raises(UserError) as due:
        plain.laptop("wangmin")
    assert due.value.code == "account.must_change"
    assert "自己的密码" in error_text(due.value)
    assert not (tmp_path / "wangmin").exists()
    with pytest.raises(UserError, match=r"account\.password_weak"):
        plain.laptop("wangmin", new_password="short")
    with pytest.raises(UserError, match=r"account\.password_same"):
        plain.laptop("wangmin", new_password=PASSWORD)
    laptop = plain.laptop("wangmin", new_password="my own light 2026")
    assert laptop.link.status.state == "up_to_date"
    with pytest.raises(UserError, match=r"account\.password_wrong"):
        plain.laptop("wangmin", name="second")
    assert plain.laptop("wangmin", "my own light 2026", name="second").link.status.state == "up_to_date"


def test_a_program_that_does_not_ask_gets_no_row_by_a_first_password(plain: Site) -> None:
    session = sites.DeviceSession(plain.url, joining.MemorySecrets())
    with contextlib.closing(session.http):
        assert session.login("wangmin", PASSWORD).must_change
        head = {"Authorization": f"Bearer {session.access()}"}
        for method, path in (
            ("GET", "/v1/pull"),
            ("POST", "/v1/push"),
            ("GET", "/v1/live"),
            ("GET", "/v1/blobs/" + "0" * 64),
        ):
            said = niquests.request(method, plain.url + path, headers=head, timeout=10)
            assert (said.status_code, said.json()["code"]) == (403, "account.must_change"), path
        session.change_password(PASSWORD, "my own light 2026")
        assert niquests.get(plain.url + "/v1/pull", headers=head, timeout=10).status_code == 200


def test_the_administrator_gives_a_new_first_password(plain: Site) -> None:
    laptop = plain.laptop("zhaolei")
    plain.house.accounts("dengang").set_password("zhaolei", "given at the desk", must_change=True)
    with pytest.raises(UserError) as over:
        laptop.link.exchange()
    assert over.value.code.startswith("token.")
    with pytest.raises(UserError, match=r"account\.must_change"):
        laptop.link.login("given at the desk")
    laptop.link.login("given at the desk", "chosen at my desk")
    laptop.link.exchange()
    assert laptop.link.status.state == "up_to_date"


def test_the_command_line_takes_the_new_password_from_the_second_line(
    plain: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import io

    monkeypatch.setenv("PRESALES_PASSPHRASE", PASSPHRASE)
    for lines, code in ((f"{PASSWORD}\n", 1), (f"{PASSWORD}\nmy own light 2026\n", 0)):
        monkeypatch.setattr("sys.stdin", io.StringIO(lines))
        assert presales(["--profile", str(tmp_path / "cli"), "--json", "login", plain.url, "wangmin"]) == code
    assert '"user": "wangmin"' in capsys.readouterr().out


# --- sessions that end --------------------------------------------------------------------------------------------------------------------
def _listening(laptop: sites.Laptop) -> tuple[threading.Thread, queue.Queue[str]]:
    """A live channel of LAPTOP in a thread; the queue hears "open", then how it ended."""
    said: queue.Queue[str] = queue.Queue()
    transport = sites.HttpTransport(laptop.link.session)

    def listen() -> None:
        try:
            for _ in transport.live(0):
                said.put("open")
            said.put("closed")
        except (Offline, Unauthorised) as error:
            said.put(type(error).__name__)

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    return thread, said


def _revoke(site: Site) -> None:
    site.house.accounts("dengang").revoke(1)


def _disable(site: Site) -> None:
    site.house.set_disabled("dengang", "zhaolei", True)


def _revoke_elsewhere(site: Site) -> None:
    """By a process of its own, as `presales-server device revoke` is."""
    from presales_desktop.server.domain import TYPED_PART
    from presales_desktop.server.house import House
    from sync.server.database import Database

    folder = site.folder / "server"
    other = House(Database.open(None, folder, (TYPED_PART,)), folder)
    other.accounts("dengang").revoke(1)
    other.close()


@pytest.mark.parametrize("end", [_revoke, _disable, _revoke_elsewhere])
def test_a_session_that_was_ended_ends_at_once_also_on_an_open_channel(plain: Site, end: Any) -> None:
    laptop = plain.laptop("zhaolei")
    thread, said = _listening(laptop)
    assert said.get(timeout=10) == "open"
    access = laptop.link.session.access()
    call: dict[str, Any] = {"headers": {"Authorization": f"Bearer {access}"}, "timeout": 10}
    assert niquests.get(plain.url + "/v1/pull", **call).status_code == 200
    end(plain)
    heard = said.get(timeout=10)
    while heard == "open":  # news that was on its way
        heard = said.get(timeout=10)
    assert heard == "closed"
    thread.join(10)
    assert niquests.get(plain.url + "/v1/pull", **call).status_code == 403
    with pytest.raises(UserError) as over:
        laptop.link.exchange()
    assert over.value.code in ("device.revoked", "account.disabled", "token.invalid")


def test_who_logged_out_is_out_with_the_token_he_had(plain: Site) -> None:
    laptop = plain.laptop("zhaolei")
    call: dict[str, Any] = {"headers": {"Authorization": f"Bearer {laptop.link.session.access()}"}, "timeout": 10}
    assert niquests.get(plain.url + "/v1/pull", **call).status_code == 200
    laptop.link.session.logout()
    said = niquests.get(plain.url + "/v1/pull", **call)
    assert (said.status_code, said.json()["code"]) == (401, "token.revoked")


def test_a_channel_that_is_let_go_ends_though_the_server_says_nothing(plain: Site) -> None:
    laptop = plain.laptop("zhaolei")
    transport = sites.HttpTransport(laptop.link.session)
    heard, ended = threading.Event(), threading.Event()

    def listen() -> None:
        try:
            for _ in transport.live(0):
                heard.set()
        except Offline:
            pass
        ended.set()

    threading.Thread(target=listen, daemon=True).start()
    assert heard.wait(10)
    transport.close()
    assert ended.wait(8)  # the next heartbeat would come after twenty seconds


def test_a_server_that_stops_does_not_wait_for_open_channels(plain: Site) -> None:
    laptop = plain.laptop("zhaolei")
    thread, said = _listening(laptop)
    assert said.get(timeout=10) == "open"
    plain.stop()
    thread.join(15)
    assert not thread.is_alive()
    heard = said.get(timeout=1)
    assert heard in ("closed", "open", "Offline")
