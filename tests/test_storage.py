"""Reports in storage: in memory and, as a server on this machine speaks it, S3."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from test_batch import files_in

from survey_lib.batch.storage import Storage, is_storage
from survey_lib.faults import BadInput


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """What a run leaves: pages, store and front page; and things that nobody else is to have."""
    contents = {
        "index.html": "Alla rapporter",
        "areas.json": "{}",
        "DEMO_sdn_a.html": "Ås",
        "DEMO_sdn_a_bilder/ås.svg": "<svg/>",
        "notebooks/DEMO_sdn_a.ipynb": "{}",
        "published/manifest.json": "{}",
        "published/indicators.parquet": "shares",
        ".made/a.json": "{}",
        ".unfinished-1/half": "half",
        ".trygg/microdata.parquet": "R-0001",
    }
    for name, content in contents.items():
        path = tmp_path / "reports" / "2024" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path / "reports"


def visible(folder: Path) -> list[str]:
    return [name for name in files_in(folder) if not name.startswith(".")]


def copied(address: str, reports: Path) -> None:
    """Put, change, withdraw, fetch: the same for every storage."""
    system, root = fsspec.core.url_to_fs(address)

    def there() -> dict[str, bytes]:
        found = system.find(f"{root}/2024")
        return {path.partition("/2024/")[2]: system.cat_file(path) for path in found}

    Storage(address).put("2024", reports)
    folder = reports / "2024"
    assert sorted(there()) == visible(folder)
    assert all(content == (folder / name).read_bytes() for name, content in there().items())

    (folder / "DEMO_sdn_a.html").unlink()  # withdrawn
    (folder / "index.html").write_text("Nytt", encoding="utf-8")
    Storage(f"{address}/").put("2024", reports)
    assert sorted(there()) == visible(folder)
    assert there()["index.html"] == b"Nytt"

    elsewhere = reports.parent / "elsewhere"
    Storage(address).fetch_store("2024", elsewhere)
    assert files_in(elsewhere) == [
        "2024/published/indicators.parquet",
        "2024/published/manifest.json",
    ]
    (elsewhere / "2024/published/indicators.parquet").write_text("newer", encoding="utf-8")
    Storage(address).fetch_store("2024", elsewhere)
    assert (elsewhere / "2024/published/indicators.parquet").read_text(encoding="utf-8") == "newer"
    Storage(address).fetch_store("2022", elsewhere)
    assert not (elsewhere / "2022").exists()


def test_the_wave_s_folder_is_copied_as_it_is(reports: Path) -> None:
    copied("memory://office/reports", reports)


def test_what_isn_t_ours_stays_where_it_is(reports: Path) -> None:
    system = fsspec.filesystem("memory")
    system.pipe_file("/theirs/2024/minutes.txt", b"theirs")
    Storage("memory://theirs").put("2024", reports)
    assert system.cat_file("/theirs/2024/minutes.txt") == b"theirs"


def test_addresses_that_lead_nowhere_are_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_storage("s3://bucket/reports") and not is_storage("C:\\reports")
    with pytest.raises(BadInput, match="s4"):
        Storage("s4://bucket")
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(BadInput, match="s3fs"):
        Storage("s3://a-bucket")
    with pytest.raises(BadInput, match="no place"):
        Storage("s3://")
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(BadInput, match=r"survey-lib\[cluster\]"):
        Storage("memory://office")


def test_storage_that_takes_nothing_is_told(reports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("no room")

    storage = Storage("memory://full")
    monkeypatch.setattr(type(storage._system), "makedirs", full)
    with pytest.raises(BadInput, match="no room"):
        storage.put("2024", reports)


@pytest.fixture
def s3() -> Iterator[None]:
    """An S3 server on this machine with an empty bucket."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    settings = {"FSSPEC_S3_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
    settings |= {"FSSPEC_S3_KEY": "nobody", "FSSPEC_S3_SECRET": "nothing"}
    conf = dict(fsspec.config.conf)
    try:
        fsspec.config.set_conf_env(fsspec.config.conf, settings)
        for _ in range(100):
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        fsspec.filesystem("s3").mkdir("bucket")
        yield
    finally:
        fsspec.config.conf.clear()
        fsspec.config.conf.update(conf)
        server.kill()
        server.wait()


@pytest.mark.evidence
def test_the_same_in_s3(reports: Path, s3: None) -> None:
    copied("s3://bucket/reports", reports)
    with pytest.raises(BadInput, match="nowhere"):
        Storage("s3://nowhere/reports")
